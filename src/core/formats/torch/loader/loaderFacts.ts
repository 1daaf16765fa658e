import type { Fold } from '../../../model/fold';
import type { ModuleNetwork } from '../../../model/network';

/** What a loader must know. Names are the network's own, without what wrappers put in front. */
export interface LoaderFacts {
  readonly folded: readonly FoldedPair[];
  /** What the checkpoint's keys have in front of the network's names: `module.`, `_orig_mod.`, both or nothing. */
  readonly prefix: string;
  readonly hasSparse: boolean;
}

export interface FoldedPair {
  readonly conv: string;
  readonly bn: string;
  readonly channels: number;
  readonly eps: number;
}

/** What DataParallel and `torch.compile` put in front of a network's names. */
const wrappers = /^(?:(?:module|_orig_mod)\.)+/;

/** Gathers the facts from the folds. Of several state_dicts in a file, each pair counts once. */
export function loaderFacts(network: ModuleNetwork, folds: readonly Fold[]): LoaderFacts {
  const dictOf = new Map(network.modules.map(({ path, dict }) => [path, dict]));
  const [first] = folds;
  const main = dictOf.get(first?.pair.conv.name ?? '') ?? '';
  const keys = network.modules
    .filter(({ dict, tensors }) => dict === main && tensors.size > 0)
    .map(({ path }) => withoutDict(`${path}.`, main));
  const prefix = commonWrappers(keys);
  const folded = new Map<string, FoldedPair>();
  for (const { pair } of folds) {
    const ownName = (path: string): string =>
      withoutDict(path, dictOf.get(path) ?? '').replace(wrappers, (found) =>
        found.startsWith(prefix) ? found.slice(prefix.length) : found,
      );
    const names = { conv: ownName(pair.conv.name), bn: ownName(pair.bn.name) };
    const { eps } = pair.bn;
    const { outChannels: channels } = pair.conv;
    folded.set(`${names.conv}#${names.bn}`, { ...names, channels, eps });
  }
  const hasSparse = folds.some(({ pair: { conv } }) => isSparse(conv.layout, conv.type));
  return { folded: [...folded.values()], prefix, hasSparse };
}

function withoutDict(path: string, dict: string): string {
  return dict === '' ? path : path.slice(dict.length + 1);
}

/** The wrappers that every key has in front. */
function commonWrappers(keys: readonly string[]): string {
  let prefix = wrappers.exec(keys[0] ?? '')?.[0] ?? '';
  while (prefix !== '' && !keys.every((key) => key.startsWith(prefix))) {
    prefix = prefix.replace(/[^.]*\.$/, '');
  }
  return prefix;
}

function isSparse(layout: string, type: string): boolean {
  return (
    layout === '*IO' || layout === 'O*I' || layout === 'IO-flat' || /^(SubM|Sparse)/.test(type)
  );
}
