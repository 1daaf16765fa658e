import type { Graph, GraphNode, Network } from '../../core/model/network';
import type { Pair } from '../../core/model/pair';
import type { FloatDType } from '../../core/model/tensor';
import type { Counterpart } from './counterparts';
import type { Tap } from './runtime/runtimeProtocol';

/** One pair and its layer in the fused graph. */
export interface TappedPair {
  readonly pair: Pair;
  readonly dtype: FloatDType;
  readonly counterpart: Pick<Counterpart, 'result' | 'channelBlock'>;
}

/**
 * The values both networks compute for each pair: the BatchNorm's output in one, the folded convolution's in the
 * other. Where the folded convolution has swallowed what follows, a sum or an activation, the output of that is taken.
 * Only values of the main graph can be watched; pairs inside subgraphs and functions are left out.
 */
export function networkTaps(
  reference: Network,
  candidate: Network,
  pairs: readonly TappedPair[],
): readonly Tap[] {
  const [before, after] = [nodesByName(reference), nodesByName(candidate)];
  const readers = readersByValue(reference);
  return pairs.flatMap(({ pair, dtype, counterpart: { result, channelBlock } }) => {
    const [bn, fused] = [before.get(pair.bn.name), after.get(result)];
    const [normal, folded] = [bn?.outputs[0], fused?.outputs[0]];
    if (fused === undefined || normal === undefined || folded === undefined) return [];
    const swallowed = Number(hasSum(fused)) + Number(hasActivation(fused));
    const from = resultAfter(readers, normal, swallowed);
    if (from === null) return [];
    return [{ id: pair.id, reference: from, candidate: folded, dtype, channelBlock }];
  });
}

/** Names of the network's own outputs. */
export function outputNames(network: Network): readonly string[] {
  return mainGraph(network)?.outputs.map(({ name }) => name) ?? [];
}

/** Input of ONNX Runtime's own convolutions that is added to their result. */
const SUM_INPUT = 3;

function hasSum({ opType, domain, inputs }: GraphNode): boolean {
  const isRuntimes = opType === 'FusedConv' || domain.startsWith('com.microsoft');
  return isRuntimes && (inputs[SUM_INPUT] ?? '') !== '';
}

/** `com.microsoft.FusedConv` and NVIDIA's `SparseConvolution` name the activation they apply themselves. */
function hasActivation(node: GraphNode): boolean {
  const activation = node.attributes.get('activation');
  return activation?.kind === 'string' && !['', 'None'].includes(activation.value);
}

/** The value `steps` nodes further on, where each alone reads the one before. */
function resultAfter(
  readers: ReadonlyMap<string, readonly GraphNode[]>,
  value: string,
  steps: number,
): string | null {
  if (steps === 0) return value;
  const [reader, ...others] = readers.get(value) ?? [];
  const next = others.length === 0 ? reader?.outputs[0] : undefined;
  return next === undefined ? null : resultAfter(readers, next, steps - 1);
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
