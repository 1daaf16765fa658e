import type { GraphNetwork, GraphNode, Graph } from '../../src/core/model/network';
import type { OpenedModel } from '../../src/core/model/openedModel';
import type { ChannelAffine, Pair } from '../../src/core/model/pair';
import type { Tensor } from '../../src/core/model/tensor';

/** Every graph of a model, bodies of nodes included, outer before inner. */
export function allGraphs(model: OpenedModel): Graph[] {
  const withBodies = (graph: Graph): Graph[] => [
    graph,
    ...graph.nodes.flatMap((node) => node.subgraphs).flatMap(withBodies),
  ];
  return (model.network as GraphNetwork).graphs.flatMap(withBodies);
}

/** The node of that name, wherever it is. */
export function nodeOf(model: OpenedModel, name: string): GraphNode {
  return allGraphs(model)
    .flatMap((graph) => graph.nodes)
    .find((node) => node.name === name)!;
}

/** The constant a value name stands for: an initializer or a Constant of any graph, Identity nodes seen through. */
export function constantOf(model: OpenedModel, name: string): Tensor | null {
  for (const graph of allGraphs(model)) {
    const producer = graph.nodes.find((node) => node.outputs.includes(name));
    if (producer?.opType === 'Identity') return constantOf(model, producer.inputs[0]!);
    const found = graph.initializers.get(name) ?? producer?.constant;
    if (found) return found;
  }
  return null;
}

/** A fusable pair as pairing would find it, without its rules: for tests of what comes after pairing. */
export function pairOf(
  model: OpenedModel,
  convName: string,
  bnName: string,
  special: { copiesWeight?: boolean; copiesBias?: boolean; between?: ChannelAffine[] } = {},
): Pair {
  const conv = nodeOf(model, convName);
  const bn = nodeOf(model, bnName);
  const parameter = (node: GraphNode, index: number): Tensor => {
    const found = constantOf(model, node.inputs[index] ?? '');
    if (found === null) throw new Error(`input ${index} of ${node.name} is no constant`);
    return found;
  };
  const attribute = (node: GraphNode, name: string, absent: number): number => {
    const value = node.attributes.get(name);
    return value?.kind === 'int' || value?.kind === 'float' ? value.value : absent;
  };
  const weight = parameter(conv, 1);
  const channels = parameter(bn, 1).shape[0]!;
  const isTransposed =
    conv.opType === 'ConvTranspose' ||
    conv.opType === 'MatMul' ||
    (conv.opType === 'Gemm' && attribute(conv, 'transB', 0) === 0);
  const isSparse = conv.opType === 'SparseConvolution';
  const inAxis = isSparse ? weight.shape.length - 1 : isTransposed ? 0 : 1;
  const groups = attribute(conv, 'group', 1);
  return {
    id: convName,
    conv: {
      name: convName,
      type: conv.opType,
      weight,
      bias: constantOf(model, conv.inputs[2] ?? ''),
      layout: isSparse ? 'O*I' : isTransposed ? 'IO*' : 'OI*',
      groups,
      inChannels: weight.shape[inAxis]! * (isTransposed ? 1 : groups),
      outChannels: channels,
      kernel: isSparse ? weight.shape.slice(1, -1) : weight.shape.slice(2),
    },
    bn: {
      name: bnName,
      type: bn.opType,
      channels,
      eps: attribute(bn, 'epsilon', 1e-5),
      epsSource: 'attribute',
      gamma: parameter(bn, 1),
      beta: parameter(bn, 2),
      mean: parameter(bn, 3),
      variance: parameter(bn, 4),
    },
    evidence: 'graph',
    verdict: 'fusable',
    reasons: [],
    statistics: null,
    between: special.between ?? [],
    biasFactor: conv.opType === 'Gemm' ? attribute(conv, 'beta', 1) : 1,
    copiesWeight: special.copiesWeight ?? false,
    copiesBias: special.copiesBias ?? false,
    quantizers: [],
  };
}
