import type { BatchNormLayer, ConvLayer, WeightLayout } from '../../../../../src/core/model/layer';
import { rectifier } from '../../../../../src/core/statistics/mathematics/activations';
import { MemoryModelBuilder } from './memoryModel';

/** Expectation and standard deviation of each channel. */
export interface Moments {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const relu = rectifier('relu', 0);

/**
 * Builds networks in memory whose running means are what their weights make of the expected inputs, give or take a
 * hundredth of a standard deviation: as if they had been trained, with wiring that is known exactly.
 */
export class ConsistentNetwork {
  readonly builder = new MemoryModelBuilder();
  private state = 12345;

  /** Uniform between −1 and 1, the same in every run. */
  random(): number {
    this.state = (Math.imul(this.state, 1103515245) + 12345) & 0x7fffffff;
    return (2 * this.state) / 0x7fffffff - 1;
  }

  randoms(count: number): number[] {
    return Array.from({ length: count }, () => this.random());
  }

  /** A convolution with one tap, `weights[output][input]`, stored in `layout` with `rank` axes. */
  pointwise(
    name: string,
    weights: readonly (readonly number[])[],
    layout: WeightLayout = 'OI*',
  ): ConvLayer {
    const [outputs, inputs] = [weights.length, weights[0]?.length ?? 0];
    // Used as [in, out], whatever the shape says: element (o, i) of the tensor is weight (i, o) of the layer.
    const isFlat = layout === 'IO-flat';
    const values = isFlat
      ? Array.from({ length: inputs }, (_, i) => weights.map((row) => row[i] ?? 0)).flat()
      : weights.flat();
    const shape = layout === 'OI*' ? [outputs, inputs, 1, 1] : [outputs, 1, 1, 1, inputs];
    const type = layout === 'OI*' ? 'Conv2d' : 'SubMConv3d';
    return this.builder.conv(name, shape, values, { layout, type });
  }

  /** The BatchNorm of values with these moments; returns it with the moments of what it gives. */
  batchNorm(name: string, input: Moments): { readonly bn: BatchNormLayer; readonly out: Moments } {
    const count = input.mean.length;
    const gamma = this.randoms(count).map((value) => 1 + 0.5 * value);
    const beta = this.randoms(count);
    const mean = input.mean.map((value, c) => value + 0.01 * (input.std[c] ?? 0) * this.random());
    const variance = input.std.map((std) => std * std);
    const bn = this.builder.batchNorm(name, { mean, variance, gamma, beta });
    return { bn, out: { mean: beta, std: gamma } };
  }
}

/** What `weights[output][input]` make of inputs that are independent. */
export function throughWeights(
  weights: readonly (readonly number[])[],
  { mean, std }: Moments,
): Moments {
  const total = (row: readonly number[], term: (weight: number, input: number) => number): number =>
    row.reduce((sum, weight, input) => sum + term(weight, input), 0);
  return {
    mean: weights.map((row) => total(row, (weight, i) => weight * (mean[i] ?? 0))),
    std: weights.map((row) => Math.sqrt(total(row, (weight, i) => (weight * (std[i] ?? 0)) ** 2))),
  };
}

export function rectified({ mean, std }: Moments): Moments {
  const moments = mean.map((value, channel) => relu.moments(value, std[channel] ?? 0, channel));
  return { mean: moments.map((each) => each.mean), std: moments.map((each) => each.std) };
}
