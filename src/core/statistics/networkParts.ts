import type { Module, Network } from '../model/network';
import type { Pair } from '../model/pair';
import { groupBy } from '../pairing/modules/groupBy';

/** One network of a file: a file with averaged weights beside the trained ones holds two of the same. */
export interface NetworkPart {
  /** In the order in which the file registers them; empty for a graph. */
  readonly modules: readonly Module[];
  readonly pairs: readonly Pair[];
}

/** The networks of a file that have pairs or BatchNorms. Layers of one never feed layers of another. */
export function networkParts(network: Network, pairs: readonly Pair[]): NetworkPart[] {
  if (network.kind === 'graph') return [{ modules: [], pairs }];
  const dictOf = new Map(network.modules.map(({ path, dict }) => [path, dict]));
  const pairsByDict = groupBy(pairs, ({ conv }) => dictOf.get(conv.name) ?? '');
  const modulesByDict = groupBy(network.modules, ({ dict }) => dict);
  return Array.from(modulesByDict, ([dict, modules]) => ({
    modules,
    pairs: pairsByDict.get(dict) ?? [],
  }));
}
