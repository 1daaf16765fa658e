import type { ByteSource } from '../../bytes/byteSource';
import type { OutputPlan } from '../../bytes/outputPlan';
import { ModelFormatError } from '../../errors';
import { FoldedPrintout } from '../../listing/printout/foldedPrintout';
import { readPrintout, type ReadPrintout } from '../../listing/printout/readPrintout';
import { renderPrintout } from '../../listing/printout/renderPrintout';
import { encodeText } from '../../listing/printout/textEncoding';
import type { Fold } from '../../model/fold';
import type { OpenedModel, PlanOptions } from '../../model/openedModel';
import { foldedAlready } from '../stateDict/foldedAlready';
import { printedModules } from './printedModules';

/**
 * Opens a text with the output of Python's `print(model)` in it. What its modules hold is said at `printedModules`.
 * It has no values: `readValues` throws, and folds for `plan` come from `listingFold`.
 * @throws ModelFormatError with the line when there is no printout or a broken one.
 */
export function openModuleText(source: ByteSource): OpenedModel {
  const read = readPrintout(source);
  const modules = printedModules(read.printout);
  return {
    format: 'module-text',
    producer: null,
    opsets: new Map(),
    network: { kind: 'modules', evidence: 'modules', modules, isOrdered: true, config: null },
    problems: foldedAlready(modules),
    sources: [source],
    readValues: (tensor) => {
      throw new ModelFormatError(`${tensor.name} has no values: a listing tells shapes only`);
    },
    plan: (folds, options) => planListing(read, folds, options),
  };
}

/** Writes the fused listing. A drop-in model keeps its BatchNorms, so it prints as before. */
function planListing(read: ReadPrintout, folds: readonly Fold[], options: PlanOptions): OutputPlan {
  const { printout, encoding } = read;
  const pairs = options.mode === 'fold' ? folds.map(({ pair }) => pair) : [];
  const { text } = renderPrintout(printout, new FoldedPrintout(printout.text, pairs));
  const bytes = encodeText({ text, encoding });
  return {
    files: [{ name: options.outputName, pieces: [{ kind: 'bytes', bytes }], checksums: [] }],
  };
}
