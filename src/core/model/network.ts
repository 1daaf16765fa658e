import type { Tensor } from './tensor';

/** What is known of how a model's layers connect: true data flow, or a list of modules. */
export type Network = GraphNetwork | ModuleNetwork;

/**
 * Data flow, in ONNX's vocabulary whatever container it was read from (a `.pt2` or TorchScript reader
 * translates `aten::conv2d` to `Conv`, `aten::batch_norm` to `BatchNormalization`).
 */
export interface GraphNetwork {
  readonly kind: 'graph';
  /** The main graph first, then the bodies of local functions; subgraphs hang on their nodes. */
  readonly graphs: readonly Graph[];
  /** Domain → version; the default domain is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  /** ONNX IR version; below 4, an initializer that is also a graph input is still a constant. */
  readonly irVersion: number;
}

export interface Graph {
  /** Path of the graph: '' for the main graph, `If_3/then_branch` for a subgraph, the function's name for a body. */
  readonly scope: string;
  readonly kind: 'main' | 'subgraph' | 'function';
  /** In file order, which ONNX requires to be an order of execution. */
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Names of initializers in a sparse form: values the graph defines, though nothing here reads them as numbers. */
  readonly sparseInitializers?: readonly string[];
  /** Declared types of intermediate values, where the file has them. */
  readonly values: ReadonlyMap<string, GraphValue>;
  /** Values that something outside the network reads, such as ONNX's graphs for training: they must stay as they are. */
  readonly readElsewhere?: readonly string[];
  /** Opsets of a function body, which has its own; absent: those of the model. */
  readonly opsets?: ReadonlyMap<string, number>;
}

/** A named edge. `shape` is null when unknown; a dimension that is symbolic is its name, an unknown one null. */
export interface GraphValue {
  readonly name: string;
  readonly elementType: string | null;
  readonly shape: readonly (number | string | null)[] | null;
}

export interface GraphNode {
  /** Unique over the whole model: the node's own name when present and unique, else its first output (prefixed by the scope where that is not unique). */
  readonly name: string;
  /** The name in the file, '' for none; absent when the reader does not say. Listings show it. */
  readonly ownName?: string;
  readonly opType: string;
  /** '' for ai.onnx. */
  readonly domain: string;
  /** '' marks an absent optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** Bodies of If, Loop, Scan; they see the values of the graphs around them. */
  readonly subgraphs: readonly Graph[];
  /** What a `Constant` node gives, whichever attribute holds it; absent for other nodes, strings and sparse values. */
  readonly constant?: Tensor;
}

/** `ref` is an attribute of a function body that takes its value from the call. */
export type AttributeValue =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'ref'; readonly value: string }
  | { readonly kind: 'other' };

/** Modules of PyTorch's world, without data flow. */
export interface ModuleNetwork {
  readonly kind: 'modules';
  /** `modules`: classes and attributes are known (pickled modules, TorchScript, listings); `names`: keys only. */
  readonly evidence: 'modules' | 'names';
  /** Modules that hold tensors or have a class, in registration order, parents before children. */
  readonly modules: readonly Module[];
  /** Whether the order above is the order of registration; safetensors sorts its keys. */
  readonly isOrdered: boolean;
  /** Text of a config kept in the file (mmcv `meta.config`), a source of eps; null when there is none. */
  readonly config: string | null;
}

export interface Module {
  /** Which state_dict of the file (`` for the only or main one, `ema` for a second). Paths of a second one start with it. */
  readonly dict: string;
  /** Key path without the parameter's name, as in the file: `module.layer1.0.conv1`. '' for the root. */
  readonly path: string;
  /** Class name without its package (`Conv2d`), or null when the file does not say. */
  readonly className: string | null;
  /** Package of the class (`torch.nn.modules.conv`), or null. */
  readonly classModule: string | null;
  /** Own parameters and buffers by leaf name: `weight`, `bias`, `running_mean`, `_amax`… */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Scalars of the object or of the printed line: eps, groups, training, inplace, kernel_size…; null when the file does not say. */
  readonly attributes: ReadonlyMap<string, ModuleAttribute> | null;
  /** `_metadata[path].version` of the state_dict (spconv 2 under mmdet3d: 2); null when absent. */
  readonly version: number | null;
}

export type ModuleAttribute = number | string | boolean | null | readonly (number | string)[];
