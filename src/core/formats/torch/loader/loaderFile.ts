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
  const { format, network } = model;
  const isCheckpoint =
    format === 'torch-zip' ||
    format === 'torch-legacy' ||
    format === 'torch-module' ||
    format === 'safetensors';
  if (!isCheckpoint || network.kind !== 'modules') return null;
  // A file may hold a network saved whole and a state_dict beside it, whose modules have no class.
  const inStateDicts = new Set(
    network.modules.filter(({ className }) => className === null).map(({ path }) => path),
  );
  const inNeed = folds.filter(({ pair }) => inStateDicts.has(pair.conv.name));
  if (inNeed.length === 0) return null;
  const text = printLoader(loaderFacts(network, inNeed), inputName);
  const bytes = encodeUtf8(text);
  return { name: loaderName(inputName), pieces: [{ kind: 'bytes', bytes }], checksums: [] };
}
