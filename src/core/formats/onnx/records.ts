import type { Graph, GraphNode } from '../../model/network';
import type { Tensor } from '../../model/tensor';
import type { FieldSpan, MessageSpan } from './wire/fields';

/**
 * What the reader keeps beside the model's own vocabulary: where everything stands in the file, so that the writer
 * can splice it. Names that must be unique over the model are given at the end, hence the drafts.
 */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

export interface TensorRecord {
  readonly tensor: Draft<Tensor>;
  /** The name edges use: the TensorProto's own, or the output of its Constant node. `tensor.name` is unique, this is not. */
  readonly valueName: string;
  readonly elementType: number;
  /** The TensorProto; of values that stand in an attribute as plain numbers, that attribute. */
  readonly span: MessageSpan;
  readonly form: 'tensor' | 'attribute';
  /** Whether the values lie, or should lie, in a data file; `dataFile` is its number among the sources, null when missing. */
  readonly isExternal: boolean;
  readonly dataFile: number | null;
}

export interface NodeRecord {
  readonly node: Draft<GraphNode>;
  /** The node's own name, '' for none. */
  readonly ownName: string;
  readonly span: MessageSpan;
  readonly graph: GraphRecord;
  readonly subgraphs: readonly GraphRecord[];
  /** What a Constant node gives, when it is a tensor of numbers. */
  readonly constant: TensorRecord | null;
}

/** A name declared by a graph: an input, output, value_info or quantization_annotation entry. */
export interface Declaration {
  readonly name: string;
  readonly field: FieldSpan;
  /** Tensors a quantization annotation points at; they count as used. */
  readonly parameters: readonly string[];
}

export interface GraphRecord {
  readonly graph: Draft<Graph>;
  readonly span: MessageSpan;
  /** The graph around this one, whose values it sees; null for the main graph and for function bodies. */
  readonly parent: GraphRecord | null;
  readonly nodes: readonly NodeRecord[];
  readonly initializers: ReadonlyMap<string, TensorRecord>;
  /** Initializers in a sparse form: never folded, but their names are taken. */
  readonly sparseNames: readonly string[];
  readonly inputs: readonly Declaration[];
  readonly values: readonly Declaration[];
  readonly annotations: readonly Declaration[];
}

/** A model file with everything the writer needs to know of it. */
export interface OnnxRecord {
  readonly root: MessageSpan;
  /** Main graph, then function bodies: those of the network. */
  readonly graphs: readonly GraphRecord[];
  /** Graphs for training: they keep what they use alive, and are nothing to fold. Children of the main graph. */
  readonly hiddenGraphs: readonly GraphRecord[];
  /** Initializers that training bindings name. */
  readonly boundNames: readonly string[];
  /** Every TensorProto of the file whose values lie in a data file, also inside attributes and sparse tensors. */
  readonly externalTensors: readonly TensorRecord[];
  readonly irVersion: number;
  readonly opsets: ReadonlyMap<string, number>;
}
