import type { Graph, Network } from '../../core/model/network';
import type { Pair } from '../../core/model/pair';
import type { FloatDType } from '../../core/model/tensor';
import type { Tap } from './runtime/runtimeProtocol';

/** One pair and where its result is in the fused graph. */
export interface TappedPair {
  readonly pair: Pair;
  readonly dtype: FloatDType;
  /** Node of the fused graph whose output is the pair's result. */
  readonly candidateNode: string;
}

/**
 * The values both networks compute for each pair: the BatchNorm's output in one, the folded convolution's in the
 * other. Only values of the main graph can be watched; pairs inside subgraphs and functions are left out.
 */
export function networkTaps(
  reference: Network,
  candidate: Network,
  pairs: readonly TappedPair[],
): readonly Tap[] {
  const [before, after] = [outputsByNode(reference), outputsByNode(candidate)];
  return pairs.flatMap(({ pair, dtype, candidateNode }) => {
    const [from, to] = [before.get(pair.bn.name), after.get(candidateNode)];
    return from === undefined || to === undefined
      ? []
      : [{ id: pair.id, reference: from, candidate: to, dtype }];
  });
}

/** Names of the network's own outputs. */
export function outputNames(network: Network): readonly string[] {
  return mainGraph(network)?.outputs.map(({ name }) => name) ?? [];
}

function outputsByNode(network: Network): ReadonlyMap<string, string> {
  const nodes = mainGraph(network)?.nodes ?? [];
  return new Map(nodes.flatMap(({ name, outputs: [output] }) => (output ? [[name, output]] : [])));
}

function mainGraph(network: Network): Graph | undefined {
  return network.kind === 'graph' ? network.graphs.find(({ kind }) => kind === 'main') : undefined;
}
