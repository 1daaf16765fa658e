import { randomFloats, writeParts, type Fill, type Part, type Spread } from './parts';
import { bytesField, floatField, textField, varintField } from './protobuf';

const FLOAT = 1;

/** Builds an ONNX model of any size without holding its weights: they are made up while it is written. */
export class OnnxBuilder {
  /** With `hasValues` false all weights are zeros: holes in the file, which take no room on the disk. */
  constructor(private readonly hasValues = true) {}

  private readonly nodes: Part[] = [];
  private readonly initializers: Part[] = [];
  private seed = 1;
  private nodeCount = 0;

  /** Adds a convolution without bias, its BatchNorm and, unless told otherwise, a ReLU. Returns the output's name. */
  convBatchNorm(
    input: string,
    shape: readonly [out: number, inGroup: number, height: number, width: number],
    { stride = 1, group = 1, relu = true } = {},
  ): string {
    const [out, inGroup, height, width] = shape;
    const name = `conv${this.nodeCount}`;
    const deviation = Math.sqrt(2 / (inGroup * height * width));
    const weight = this.tensor(`${name}.weight`, shape, { around: 0, deviation });
    const bn = `${name}.bn`;
    const parameters = [
      this.tensor(`${bn}.weight`, [out], { around: 1, deviation: 0.1 }),
      this.tensor(`${bn}.bias`, [out], { around: 0, deviation: 0.1 }),
      this.tensor(`${bn}.running_mean`, [out], { around: 0, deviation: 0.2 }),
      this.tensor(`${bn}.running_var`, [out], { around: 1, deviation: 0.1 }),
    ];
    const pads = [height >> 1, width >> 1, height >> 1, width >> 1];
    const conv = this.node(
      'Conv',
      name,
      [input, weight],
      [
        ints('kernel_shape', [height, width]),
        ints('strides', [stride, stride]),
        ints('pads', pads),
        int('group', group),
      ],
    );
    const normal = this.node(
      'BatchNormalization',
      bn,
      [conv, ...parameters],
      [float('epsilon', 1e-5)],
    );
    return relu ? this.node('Relu', `${name}.relu`, [normal]) : normal;
  }

  /** Adds a node with one output and returns the output's name. */
  node(
    type: string,
    name: string,
    inputs: readonly string[],
    attributes: readonly Part[][] = [],
  ): string {
    const output = `${name}.out`;
    this.nodeCount++;
    this.nodes.push(
      ...bytesField(1, [
        ...inputs.flatMap((input) => textField(1, input)),
        ...textField(2, output),
        ...textField(3, name),
        ...textField(4, type),
        ...attributes.flatMap((attribute) => bytesField(5, attribute)),
      ]),
    );
    return output;
  }

  /** Adds an initializer and returns its name. */
  tensor(name: string, shape: readonly number[], spread: Spread): string {
    const count = shape.reduce((product, dim) => product * dim, 1);
    this.initializers.push(
      ...bytesField(5, [
        ...shape.flatMap((dim) => varintField(1, dim)),
        ...varintField(2, FLOAT),
        ...textField(8, name),
        ...bytesField(9, [this.values(count, spread)]),
      ]),
    );
    return name;
  }

  private values(count: number, spread: Spread): Fill {
    // Vectors keep their values: a BatchNorm of zeros has no meaning.
    const isHole = !this.hasValues && count > 10_000;
    return isHole ? { length: 4 * count, fill: null } : randomFloats(count, spread, this.seed++);
  }

  /** Writes the model; the file appears when it is complete. */
  write(
    path: string,
    input: readonly number[],
    output: { name: string; shape: readonly number[] },
  ): void {
    const graph = [
      ...this.nodes,
      ...textField(2, 'bench'),
      ...this.initializers,
      ...bytesField(11, valueInfo('input', input)),
      ...bytesField(12, valueInfo(output.name, output.shape)),
    ];
    const model = [
      ...varintField(1, 8),
      ...textField(2, 'fusebn-bench'),
      ...bytesField(7, graph),
      ...bytesField(8, [...textField(1, ''), ...varintField(2, 17)]),
    ];
    writeParts(path, model);
  }
}

export const int = (name: string, value: number): Part[] => [
  ...textField(1, name),
  ...varintField(3, value),
  ...varintField(20, 2),
];
export const ints = (name: string, values: readonly number[]): Part[] => [
  ...textField(1, name),
  ...values.flatMap((value) => varintField(8, value)),
  ...varintField(20, 7),
];
const float = (name: string, value: number): Part[] => [
  ...textField(1, name),
  ...floatField(2, value),
  ...varintField(20, 1),
];

function valueInfo(name: string, shape: readonly number[]): Part[] {
  const dims = shape.flatMap((dim) => bytesField(1, varintField(1, dim)));
  const tensor = [...varintField(1, FLOAT), ...bytesField(2, dims)];
  return [...textField(1, name), ...bytesField(2, bytesField(1, tensor))];
}
