import { decodeFloats, encodeFloats } from '../../src/core/bytes/floats';
import type { AttributeValue, Graph, GraphNode, GraphValue } from '../../src/core/model/network';
import type { FormatId, OpenedModel } from '../../src/core/model/openedModel';
import {
  contiguousStrides,
  elementCount,
  isFloatDType,
  type DType,
  type Tensor,
} from '../../src/core/model/tensor';

type AttributeInput = number | string | readonly number[] | AttributeValue;

/** What a node may have besides its type, inputs and outputs. */
interface NodeExtras {
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  readonly subgraphs?: readonly Graph[];
  readonly constant?: Tensor;
}

interface ModelGiven {
  readonly format?: FormatId;
  readonly opset?: number;
  readonly irVersion?: number;
}

/** Builds a small graph by hand, so that a test says nothing but what it is about. */
export class GraphBuilder {
  private readonly nodes: GraphNode[] = [];
  private readonly inputs: GraphValue[] = [];
  private readonly outputs: GraphValue[] = [];
  private readonly values = new Map<string, GraphValue>();
  private readonly initializers = new Map<string, Tensor>();
  private readonly sparseInitializers: string[] = [];

  constructor(
    private readonly scope = '',
    private readonly kind: Graph['kind'] = 'main',
    readonly store = new Map<string, Uint8Array>(),
  ) {}

  input(name: string, shape: GraphValue['shape'] = null): this {
    this.inputs.push({ name, elementType: 'f32', shape });
    return this;
  }

  output(name: string): this {
    this.outputs.push({ name, elementType: 'f32', shape: null });
    return this;
  }

  /** Declares an intermediate value's shape, as `value_info` does. */
  value(name: string, shape: GraphValue['shape']): this {
    this.values.set(name, { name, elementType: 'f32', shape });
    return this;
  }

  initializer(
    name: string,
    shape: readonly number[],
    given: { readonly dtype?: DType; readonly values?: readonly number[] } = {},
  ): this {
    this.initializers.set(name, this.tensor(name, shape, given));
    return this;
  }

  /** An initializer in a sparse form, which has no values to fold. */
  sparseInitializer(name: string): this {
    this.sparseInitializers.push(name);
    return this;
  }

  /** A tensor whose values the model of this builder can read. */
  tensor(
    name: string,
    shape: readonly number[],
    given: { readonly dtype?: DType; readonly values?: readonly number[] } = {},
  ): Tensor {
    const dtype = given.dtype ?? 'f32';
    // Some positive values, different from one another.
    const values =
      given.values ?? Array.from({ length: elementCount(shape) }, (_, idx) => 1 + (idx % 7) / 8);
    if (isFloatDType(dtype)) this.store.set(name, encodeFloats(Float64Array.from(values), dtype));
    const location = { kind: 'encoded' } as const;
    return { name, dtype, shape, strides: contiguousStrides(shape), location };
  }

  node(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    extras: NodeExtras = {},
  ): this {
    this.nodes.push({
      name: extras.name ?? `${opType}_${outputs[0] ?? ''}`,
      opType,
      domain: extras.domain ?? '',
      inputs,
      outputs,
      attributes: new Map(
        Object.entries(extras.attributes ?? {}).map(([name, value]) => [name, attribute(value)]),
      ),
      subgraphs: extras.subgraphs ?? [],
      ...(extras.constant ? { constant: extras.constant } : {}),
    });
    return this;
  }

  /** A 3×3 Conv of 3 to 4 channels named `conv`, with weight `w` and no bias. */
  conv(input = 'x', output = 'c'): this {
    return this.initializer('w', [4, 3, 3, 3]).node('Conv', [input, 'w'], [output], {
      name: 'conv',
    });
  }

  /** A BatchNormalization named `bn` with its four vectors. */
  batchNorm(
    input = 'c',
    output = 'y',
    extras: NodeExtras & { readonly channels?: number; readonly outputs?: readonly string[] } = {},
  ): this {
    const names = ['gamma', 'beta', 'mean', 'var'].map((role) => `${output}.${role}`);
    for (const name of names) {
      if (!this.initializers.has(name)) this.initializer(name, [extras.channels ?? 4]);
    }
    return this.node('BatchNormalization', [input, ...names], extras.outputs ?? [output], {
      name: 'bn',
      ...extras,
    });
  }

  graph(): Graph {
    const { scope, kind, nodes, inputs, outputs, initializers, sparseInitializers, values } = this;
    return { scope, kind, nodes, inputs, outputs, initializers, sparseInitializers, values };
  }

  model(given: ModelGiven = {}): OpenedModel {
    const opsets = new Map([['', given.opset ?? 17]]);
    return {
      format: given.format ?? 'onnx',
      producer: null,
      opsets,
      network: { kind: 'graph', graphs: [this.graph()], opsets, irVersion: given.irVersion ?? 8 },
      problems: [],
      sources: [],
      readValues: (tensor) =>
        decodeFloats(this.store.get(tensor.name) ?? new Uint8Array(), tensor.dtype),
      plan: () => ({ files: [] }),
    };
  }
}

function attribute(value: AttributeInput): AttributeValue {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { kind: 'int', value } : { kind: 'float', value };
  }
  return 'kind' in value ? value : { kind: 'floats', value };
}
