import type { GraphNode } from '../../model/network';
import type { Tensor } from '../../model/tensor';
import { isIdentity, type DefinedValue, type NetworkDraft, type NodeDraft } from './graphDrafts';
import { elementType } from './onnxLiterals';

/** From here on an initializer need not be an input of its graph. */
const FIRST_IR_WITHOUT_INPUTS = 4;

/** A constant as a node reads it. */
export interface Constant {
  /** The value's name in its graph. */
  readonly name: string;
  readonly tensor: Tensor;
  /** Whether the node is the only reader, of the tensor and of every Identity in between. */
  readonly isPrivate: boolean;
}

/** The constant a node reads at an input, Identity nodes seen through; null when there is none or it is computed. */
export function constantAt(
  draft: NetworkDraft,
  { node, graph }: NodeDraft,
  index: number,
): Constant | null {
  let value: DefinedValue | null = draft.resolve(graph, node.inputs[index] ?? '');
  let isPrivate = true;
  const seen = new Set<DefinedValue>();
  while (value !== null && !seen.has(value)) {
    seen.add(value);
    isPrivate &&= value.uses === 1;
    if (value.tensor !== null) return { name: value.name, tensor: value.tensor, isPrivate };
    if (value.node === null || !isIdentity(value.node.node)) return null;
    value = draft.resolve(value.graph, value.node.node.inputs[0] ?? '');
  }
  return null;
}

/** Makes a node read another value at one of its inputs; what only fed the old one goes. */
export function readFrom(
  draft: NetworkDraft,
  reader: NodeDraft,
  index: number,
  name: string,
): void {
  const before = reader.node.inputs[index] ?? '';
  if (before === name) return;
  const inputs = [...reader.node.inputs];
  while (inputs.length < index) inputs.push('');
  inputs[index] = name;
  reader.node = { ...reader.node, inputs };
  const value = draft.resolve(reader.graph, name);
  if (value !== null) value.uses++;
  draft.release(reader.graph, before);
}

/** Makes a node read a new constant: an initializer where its graph may have one, else a node in front of it. */
export function addConstant(
  draft: NetworkDraft,
  reader: NodeDraft,
  index: number,
  tensor: Tensor,
): void {
  const { graph } = reader;
  const { kind } = graph.original;
  const isOld = draft.original.irVersion < FIRST_IR_WITHOUT_INPUTS;
  if (kind === 'function' || (kind === 'subgraph' && isOld)) {
    const node = constantNode(tensor);
    graph.nodes.splice(graph.nodes.indexOf(reader), 0, { node, graph, bodies: [] });
  } else {
    graph.initializers.set(tensor.name, tensor);
    if (isOld) {
      graph.inputs.push({
        name: tensor.name,
        elementType: elementType(tensor),
        shape: tensor.shape,
      });
    }
  }
  readFrom(draft, reader, index, tensor.name);
}

function constantNode(tensor: Tensor): GraphNode {
  return {
    name: tensor.name,
    opType: 'Constant',
    domain: '',
    inputs: [],
    outputs: [tensor.name],
    attributes: new Map([['value', { kind: 'tensor', value: tensor }]]),
    subgraphs: [],
    constant: tensor,
  };
}
