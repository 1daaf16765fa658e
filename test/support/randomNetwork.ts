import { seededRandom } from './mutate';
import { attribute, initializer, input, model, node, output, type Bytes } from './onnxBytes';

/** Height and width of every value: all layers keep them. */
const SIZE = 4;
const IMAGE = { name: 'x', channels: 3 };

interface Step {
  readonly opType: string;
  /** The value it computes with first, and the other one of a sum; constants are left out. */
  readonly from: readonly string[];
  readonly to: string;
}

/** A network as a file, and how many of its BatchNorms a fold can take away. */
export interface RandomNetwork {
  readonly bytes: Uint8Array;
  readonly foldable: number;
  readonly inputShape: readonly number[];
}

/**
 * A small network of convolutions, BatchNorms and what stands between them, the same for the same seed. Values are
 * read once or often, become outputs or not; weights, biases and vectors are shared at random, in all combinations.
 */
export function randomNetwork(seed: number): RandomNetwork {
  const network = new Network(seededRandom(seed));
  for (let count = 4 + network.below(10); count > 0; count--) network.grow();
  return network.finish();
}

class Network {
  private readonly fields: Bytes[] = [];
  private readonly steps: Step[] = [];
  private readonly values = [IMAGE];
  private readonly constants = new Map<string, string[]>();
  private count = 0;

  constructor(private readonly random: () => number) {}

  below(end: number): number {
    return Math.floor(this.random() * end);
  }

  grow(): void {
    // Mostly onwards from the newest value: long chains are what folds are about.
    const from = this.random() < 0.75 ? this.values.at(-1)! : this.anyValue();
    const growth = this.random();
    if (growth < 0.3) this.convolve(from);
    else if (growth < 0.65) this.normalise(from);
    else if (growth < 0.7) this.transpose(from);
    else if (growth < 0.82) this.scale(from);
    else if (growth < 0.9) this.add(['Relu', 'Identity', 'Dropout'][this.below(3)]!, [from]);
    else this.add('Add', [from, this.anyValue(from.channels)]);
  }

  finish(): RandomNetwork {
    const read = new Set(this.steps.flatMap((step) => step.from));
    const isOutput = ({ to }: Step): boolean => !read.has(to) || this.random() < 0.06;
    const outputs = this.steps.filter(isOutput).map(({ to }) => to);
    const image = [1, IMAGE.channels, SIZE, SIZE];
    return {
      bytes: model([
        input(IMAGE.name, image),
        ...outputs.map((name) => output(name, [1, `${name}.channels`, SIZE, SIZE])),
        ...this.fields,
      ]),
      foldable: countFoldable(this.steps, outputs),
      inputShape: image,
    };
  }

  private anyValue(channels?: number): typeof IMAGE {
    const fitting = this.values.filter(
      (one) => channels === undefined || one.channels === channels,
    );
    return fitting[this.below(fitting.length)]!;
  }

  private convolve(from: typeof IMAGE): void {
    const isDepthwise = this.random() < 0.3;
    const groups = isDepthwise ? from.channels : 1;
    const channels = isDepthwise ? groups * (1 + this.below(2)) : 1 + this.below(4);
    const kernel = this.random() < 0.5 ? 3 : 1;
    const weight = this.constant([channels, from.channels / groups, kernel, kernel]);
    const bias = this.random() < 0.4 ? [this.constant([channels])] : [];
    const attributes = [attribute.int('group', groups), this.padding(kernel)];
    this.add('Conv', [from], { constants: [weight, ...bias], channels, attributes });
  }

  private transpose(from: typeof IMAGE): void {
    const groups = from.channels % 2 === 0 ? 2 : 1;
    const perGroup = 1 + this.below(3);
    const weight = this.constant([from.channels, perGroup, 3, 3]);
    const attributes = [attribute.int('group', groups), this.padding(3)];
    const channels = perGroup * groups;
    this.add('ConvTranspose', [from], { constants: [weight], channels, attributes });
  }

  private normalise(from: typeof IMAGE): void {
    const vector = (): string => this.constant([from.channels]);
    const constants = [vector(), vector(), vector(), vector()];
    const epsilon = attribute.float('epsilon', [1e-5, 1e-3, 0.5][this.below(3)]!);
    this.add('BatchNormalization', [from], { constants, attributes: [epsilon] });
  }

  private scale(from: typeof IMAGE): void {
    const shape = this.random() < 0.3 ? [] : [from.channels, 1, 1];
    const opType = ['Mul', 'Add', 'Sub', 'Div'][this.below(4)]!;
    this.add(opType, [from], { constants: [this.constant(shape)] });
  }

  private padding(kernel: number): Uint8Array {
    return attribute.ints('pads', new Array<number>(4).fill((kernel - 1) / 2));
  }

  private add(
    opType: string,
    from: readonly (typeof IMAGE)[],
    given: {
      readonly constants?: readonly string[];
      readonly channels?: number;
      readonly attributes?: readonly Uint8Array[];
    } = {},
  ): void {
    const { constants = [], attributes: more = [] } = given;
    const to = `v${++this.count}`;
    const inputs = [...from.map(({ name }) => name), ...constants];
    const name = this.random() < 0.8 ? { name: `node_${this.count}` } : {};
    this.fields.push(node(opType, inputs, [to], { ...name, more }));
    // Sums with a constant are told from sums of two values by what they compute with.
    this.steps.push({ opType, from: from.map((value) => value.name), to });
    this.values.push({ name: to, channels: given.channels ?? from[0]!.channels });
  }

  /** The name of a constant of this shape with positive values; often one that is in use already. */
  private constant(shape: readonly number[]): string {
    const known = this.constants.get(shape.join()) ?? [];
    this.constants.set(shape.join(), known);
    if (known.length > 0 && this.random() < 0.35) return known[this.below(known.length)]!;
    const name = `k${++this.count}`;
    const size = shape.reduce((product, dim) => product * dim, 1);
    const values = Array.from({ length: size }, () => 0.3 + this.random());
    this.fields.push(initializer(name, shape, values));
    known.push(name);
    return name;
  }
}

/** The rule of folding said once more, in the fewest words: every value on the way from the convolution is read once. */
function countFoldable(steps: readonly Step[], outputs: readonly string[]): number {
  const makers = new Map(steps.map((step) => [step.to, step]));
  const readers = [...steps.flatMap(({ from }) => from), ...outputs];
  const comesFromConvolution = (name: string): boolean => {
    const maker = makers.get(name);
    const isReadOnce = readers.filter((reader) => reader === name).length === 1;
    if (maker === undefined || !isReadOnce) return false;
    if (maker.opType.startsWith('Conv')) return true;
    return (
      maker.opType !== 'Relu' && maker.from.length === 1 && comesFromConvolution(maker.from[0]!)
    );
  };
  return steps.filter(
    ({ opType, from }) => opType === 'BatchNormalization' && comesFromConvolution(from[0]!),
  ).length;
}
