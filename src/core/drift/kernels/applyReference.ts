import type { FoldReference } from '../../model/fold';

/** Literal arithmetic of an unfolded pair on convolution sums [channels]: bias, constants between, BatchNorm. */
export function applyReference(
  sums: Float64Array,
  { convBias, between, gamma, beta, mean, variance, eps }: FoldReference,
): Float64Array {
  const outputs = new Float64Array(sums.length);
  for (let channel = 0; channel < sums.length; channel++) {
    let y = sums[channel]! + (convBias === null ? 0 : convBias[channel]!);
    for (const { factor, shift } of between) y = y * factor[channel]! + shift[channel]!;
    outputs[channel] =
      (gamma[channel]! * (y - mean[channel]!)) / Math.sqrt(variance[channel]! + eps) +
      beta[channel]!;
  }
  return outputs;
}

/** Sums [channels] plus `factor` times a bias. */
export function addBias(sums: Float64Array, bias: Float64Array, factor: number): Float64Array {
  const outputs = new Float64Array(sums.length);
  for (let channel = 0; channel < sums.length; channel++) {
    outputs[channel] = sums[channel]! + bias[channel]! * factor;
  }
  return outputs;
}
