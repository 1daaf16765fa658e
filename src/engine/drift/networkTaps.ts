import type { Graph, GraphNode, Network } from '../../core/model/network';
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
 * other. Where the folded convolution has swallowed the activation too (`FusedConv`), the activation's output is
 * taken. Only values of the main graph can be watched; pairs inside subgraphs and functions are left out.
 */
export function networkTaps(
  reference: Network,
  candidate: Network,
  pairs: readonly TappedPair[],
): readonly Tap[] {
  const [before, after] = [nodesByName(reference), nodesByName(candidate)];
  const readers = readersByValue(reference);
  return pairs.flatMap(({ pair, dtype, candidateNode }) => {
    const [bn, fused] = [before.get(pair.bn.name), after.get(candidateNode)];
    const [result, folded] = [bn?.outputs[0], fused?.outputs[0]];
    if (fused === undefined || result === undefined || folded === undefined) return [];
    const from = hasActivation(fused) ? onlyReader(readers, result)?.outputs[0] : result;
    return from === undefined ? [] : [{ id: pair.id, reference: from, candidate: folded, dtype }];
  });
}

/** Names of the network's own outputs. */
export function outputNames(network: Network): readonly string[] {
  return mainGraph(network)?.outputs.map(({ name }) => name) ?? [];
}

/** `com.microsoft.FusedConv` and NVIDIA's `SparseConvolution` name the activation they apply themselves. */
function hasActivation(node: GraphNode): boolean {
  const activation = node.attributes.get('activation');
  return activation?.kind === 'string' && !['', 'None'].includes(activation.value);
}

function onlyReader(
  readers: ReadonlyMap<string, readonly GraphNode[]>,
  value: string,
): GraphNode | null {
  const [reader, ...others] = readers.get(value) ?? [];
  return reader !== undefined && others.length === 0 ? reader : null;
}

function readersByValue(network: Network): ReadonlyMap<string, readonly GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of mainGraph(network)?.nodes ?? []) {
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  return readers;
}

function nodesByName(network: Network): ReadonlyMap<string, GraphNode> {
  return new Map(mainGraph(network)?.nodes.map((node) => [node.name, node]) ?? []);
}

function mainGraph(network: Network): Graph | undefined {
  return network.kind === 'graph' ? network.graphs.find(({ kind }) => kind === 'main') : undefined;
}
