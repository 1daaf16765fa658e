import type { OutputFile } from '../../../bytes/outputPlan';
import { encodeUtf8 } from '../../../bytes/utf8';
import type { Fold } from '../../../model/fold';
import type { OpenedModel } from '../../../model/openedModel';
import { loaderFacts } from './loaderFacts';
import { loaderName } from './loaderName';
import { printLoader } from './printLoader';

/**
 * The Python file that makes a network fit the folded checkpoint (DESIGN.md section 6), to be written beside it.
 * Null where none is needed: a network saved whole brings its own changes, as do formats that keep every key.
 */
export function loaderFile(
  model: OpenedModel,
  folds: readonly Fold[],
  inputName: string,
): OutputFile | null {
  const isStateDict =
    model.format === 'torch-zip' ||
    model.format === 'torch-legacy' ||
    model.format === 'safetensors';
  if (!isStateDict || model.network.kind !== 'modules' || folds.length === 0) return null;
  const text = printLoader(loaderFacts(model.network, folds), inputName);
  const bytes = encodeUtf8(text);
  return { name: loaderName(inputName), pieces: [{ kind: 'bytes', bytes }], checksums: [] };
}
