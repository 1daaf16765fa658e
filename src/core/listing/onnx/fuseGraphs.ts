import type { AttributeValue, GraphNetwork, GraphNode } from '../../model/network';
import type { Pair } from '../../model/pair';
import { contiguousStrides } from '../../model/tensor';
import { addConstant, constantAt, readFrom } from './draftConstants';
import { NetworkDraft, type NodeDraft } from './graphDrafts';
import { ownName } from './ownName';

/** Inputs of Conv, ConvTranspose, Gemm, MatMul and SparseConvolution alike. */
const WEIGHT = 1;
const BIAS = 2;
/** Input of a BatchNormalization. */
const MEAN = 3;
/** Before this version C of a Gemm was broadcast only when an attribute said so. */
const FIRST_OPSET_WITH_BROADCAST = 7;

export interface FusedGraphs {
  readonly network: GraphNetwork;
  /** The original's names of nodes that have no name of their own and go by their output, which changes. */
  readonly originalNames: ReadonlyMap<GraphNode, string>;
}

/**
 * The network as the writer of ONNX files leaves it: BatchNorms and what folds along are gone with the constants that
 * only they used, and convolutions have a bias and the BatchNorm's output.
 */
export function fuseGraphs(network: GraphNetwork, folded: readonly Pair[]): FusedGraphs {
  const draft = new NetworkDraft(network);
  const originalNames = new Map<GraphNode, string>();
  // A pair behind another BatchNorm holds that one's fold as well.
  const held = new Set(folded.map((pair) => pair.foldsAfter));
  for (const pair of folded) {
    if (held.has(pair.id)) continue;
    const conv = draft.nodeByName.get(pair.conv.name);
    const bn = draft.nodeByName.get(pair.bn.name);
    const path = conv && bn && pathBack(draft, bn, conv, new Set());
    if (conv === undefined || bn === undefined || !path) continue;
    fold(draft, pair, conv);
    const renamed = renameOutput(conv.node, bn.node.outputs[0] ?? '');
    originalNames.set(renamed, pair.conv.name);
    conv.node = renamed;
    for (const node of [bn, ...path]) draft.remove(node);
    for (const node of [bn, ...path]) removeBatchCounter(draft, node);
  }
  return { network: draft.finish(), originalNames };
}

/** Nodes from `from` back to `to`, both left out, nearest first; null when no path leads there. */
function pathBack(
  draft: NetworkDraft,
  from: NodeDraft,
  to: NodeDraft,
  seen: Set<NodeDraft>,
): NodeDraft[] | null {
  for (const name of from.node.inputs) {
    const before = draft.resolve(from.graph, name)?.node;
    if (before === to) return [];
    if (!before || before.graph !== from.graph || seen.has(before)) continue;
    seen.add(before);
    if (before.node.subgraphs.length > 0 || before.node.constant !== undefined) continue;
    const rest = pathBack(draft, before, to, seen);
    if (rest !== null) return [before, ...rest];
  }
  return null;
}

/** PyTorch's exporter leaves the BatchNorm's `num_batches_tracked` in the file, read by nobody: it goes along. */
function removeBatchCounter(draft: NetworkDraft, { node, graph }: NodeDraft): void {
  const mean = node.inputs[MEAN] ?? '';
  if (!mean.endsWith('running_mean')) return;
  const counter = draft.resolve(graph, mean.replace(/running_mean$/, 'num_batches_tracked'));
  if (counter?.uses === 0) draft.removeConstant(counter);
}

/** Gives a convolution its folded weight and bias; both keep their names where nobody else reads them. */
function fold(draft: NetworkDraft, pair: Pair, conv: NodeDraft): void {
  const { node, graph } = conv;
  const { weight, outChannels, name } = pair.conv;
  const known = constantAt(draft, conv, WEIGHT);
  if (known?.isPrivate !== true || pair.copiesWeight) {
    addConstant(draft, conv, WEIGHT, { ...weight, name: draft.freshName(`${name}.weight`) });
  } else {
    readFrom(draft, conv, WEIGHT, known.name);
  }
  const bias = constantAt(draft, conv, BIAS);
  const isInPlace =
    bias?.isPrivate === true &&
    !pair.copiesBias &&
    bias.tensor.dtype === weight.dtype &&
    bias.tensor.shape.reduce((product, size) => product * size, 1) === outChannels;
  if (isInPlace) {
    readFrom(draft, conv, BIAS, bias.name);
  } else {
    const wanted = biasName(known?.name ?? weight.name, name);
    const shape = [outChannels];
    const strides = contiguousStrides(shape);
    addConstant(draft, conv, BIAS, { ...weight, shape, strides, name: draft.freshName(wanted) });
  }
  let outermost = graph;
  while (outermost.parent !== null) outermost = outermost.parent;
  const opset = (outermost.original.opsets ?? draft.original.opsets).get('') ?? 1;
  conv.node = { ...conv.node, ...operatorAfter(node, opset) };
}

/** A Gemm is a MatMul with a bias; per-channel ranges of NVIDIA's SCN are rescaled by values a listing does not read. */
function operatorAfter(node: GraphNode, opset: number): Pick<GraphNode, 'opType' | 'attributes'> {
  const attributes = new Map<string, AttributeValue>(node.attributes);
  if (attributes.has('weight_dynamic_ranges')) {
    attributes.set('weight_dynamic_ranges', { kind: 'other' });
  }
  const isMatrix = node.domain === '' && (node.opType === 'MatMul' || node.opType === 'Gemm');
  if (isMatrix && opset < FIRST_OPSET_WITH_BROADCAST && !attributes.has('broadcast')) {
    attributes.set('broadcast', { kind: 'int', value: 1 });
  }
  return { opType: isMatrix ? 'Gemm' : node.opType, attributes };
}

/** `layer.weight` has `layer.bias` beside it; other names come from the node. */
function biasName(weightName: string, convName: string): string {
  return weightName.endsWith('weight') ? weightName.replace(/weight$/, 'bias') : `${convName}.bias`;
}

/** A node without a name of its own is called by its output, so it changes its name with it. */
function renameOutput(node: GraphNode, output: string): GraphNode {
  const outputs = [output, ...node.outputs.slice(1)];
  return { ...node, outputs, name: ownName(node) ?? output };
}
