import type { OpenedModel } from '../model/openedModel';
import type { Pair, Pairing } from '../model/pair';
import type { Listing } from './listing';
import { fuseGraphs } from './onnx/fuseGraphs';
import { printGraphs } from './onnx/printGraphs';
import { FoldedPrintout } from './printout/foldedPrintout';
import { readPrintout } from './printout/readPrintout';
import { renderPrintout, unedited } from './printout/renderPrintout';
import { printModules } from './torch/printModules';

/**
 * The text view of a model, as it is or with every fusable pair folded. The two differ only where a fold changes
 * something; places keep the original's names in both. A text file's listing is the file's own text, edited in place.
 * @throws ModelFormatError when a text file has changed and is no listing any more.
 */
export function printListing(
  model: OpenedModel,
  pairing: Pairing,
  variant: 'original' | 'fused',
): Listing {
  const folded = variant === 'fused' ? pairing.pairs.filter(isFusable) : [];
  const { network } = model;
  if (network.kind === 'graph') {
    if (folded.length === 0) return printGraphs(model.producer, network);
    const fused = fuseGraphs(network, folded);
    return printGraphs(model.producer, fused.network, fused.originalNames);
  }
  const [source] = model.sources;
  const isText = model.format === 'module-text' && source !== undefined;
  const printout = isText ? readPrintout(source).printout : printModules(network, pairing.pairs);
  const style = isText ? 'recipe' : 'file';
  const editor = folded.length === 0 ? unedited : new FoldedPrintout(printout.text, folded, style);
  return { language: 'torch-module', ...renderPrintout(printout, editor) };
}

function isFusable({ verdict }: Pair): boolean {
  return verdict === 'fusable';
}
