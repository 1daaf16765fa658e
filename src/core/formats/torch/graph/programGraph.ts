import { ModelFormatError } from '../../../errors';
import type { AttributeValue, GraphNetwork, GraphNode, GraphValue } from '../../../model/network';
import type { Tensor } from '../../../model/tensor';
import type { TensorValue } from './programValue';

/** Opset whose words the graph uses: BatchNormalization says by `training_mode` what it does. */
const OPSET = 17;
const IR_VERSION = 8;

/** The largest networks have some thousand operators. */
const MAX_NODES = 50_000;

export interface NodeSketch {
  /** The node's name, made unique. */
  readonly name: string;
  readonly opType: string;
  /** '' for an operator of ONNX, else the namespace PyTorch knows it under. */
  readonly domain: string;
  /** null for an absent optional input. */
  readonly inputs: readonly (TensorValue | null)[];
  readonly attributes?: ReadonlyMap<string, AttributeValue>;
  readonly rank?: number | null;
}

/** Collects the data flow of a PyTorch program as a graph in ONNX's vocabulary. */
export class ProgramGraph {
  private readonly nodes: GraphNode[] = [];
  private readonly inputs: GraphValue[] = [];
  private readonly initializers = new Map<string, Tensor>();
  private readonly values = new Map<string, GraphValue>();
  private readonly nodeNames = new Set<string>();
  private readonly edgeNames = new Set<string>();

  input(name: string, rank: number | null): TensorValue {
    const edge = unique(name, this.edgeNames);
    this.inputs.push(valueOf(edge, rank));
    return { kind: 'tensor', edge, rank, base: null };
  }

  /** A parameter or buffer; each is one edge, however often it is used. */
  parameter(tensor: Tensor): TensorValue {
    this.initializers.set(tensor.name, tensor);
    this.edgeNames.add(tensor.name);
    return { kind: 'tensor', edge: tensor.name, rank: tensor.shape.length, base: null };
  }

  /**
   * Adds a node; returns its output on a new edge, named like the node.
   * @throws ModelFormatError when there are more nodes than a network has.
   */
  node(sketch: NodeSketch): TensorValue {
    if (this.nodes.length >= MAX_NODES) {
      throw new ModelFormatError(`the program has more than ${MAX_NODES} operators`);
    }
    const name = unique(sketch.name, this.nodeNames);
    const edge = unique(`${name}:out`, this.edgeNames);
    const { opType, domain, rank = null } = sketch;
    const inputs = sketch.inputs.map((input) => input?.edge ?? '');
    const attributes = sketch.attributes ?? new Map<string, AttributeValue>();
    this.nodes.push({ name, opType, domain, inputs, outputs: [edge], attributes, subgraphs: [] });
    this.values.set(edge, valueOf(edge, rank));
    return { kind: 'tensor', edge, rank, base: null };
  }

  finish(outputs: readonly TensorValue[]): GraphNetwork {
    const edges = [...new Set(outputs.map(({ edge }) => edge))];
    return {
      kind: 'graph',
      opsets: new Map([['', OPSET]]),
      irVersion: IR_VERSION,
      graphs: [
        {
          scope: '',
          kind: 'main',
          nodes: this.nodes,
          inputs: this.inputs,
          outputs: edges.map((edge) => this.values.get(edge) ?? valueOf(edge, null)),
          initializers: this.initializers,
          values: this.values,
        },
      ],
    };
  }
}

function valueOf(name: string, rank: number | null): GraphValue {
  const shape = rank === null ? null : new Array<null>(rank).fill(null);
  return { name, elementType: null, shape };
}

/** A name that is not taken yet: the second and later ones are numbered. */
function unique(name: string, taken: Set<string>): string {
  let found = name;
  for (let count = 2; taken.has(found); count++) found = `${name}:${count}`;
  taken.add(found);
  return found;
}
