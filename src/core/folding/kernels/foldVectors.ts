import type { FoldReference } from '../../model/fold';

/**
 * Scale and new bias per output channel, in float64. A model is folded once a run, before V8 has optimized anything:
 * plain loops take a third of the time that closures over the vectors take.
 */
export function foldVectors({
  convBias,
  between,
  gamma,
  beta,
  mean,
  variance,
  eps,
  biasFactor,
}: FoldReference): { readonly scale: Float64Array; readonly bias: Float64Array } {
  const channels = gamma.length;
  const scale = new Float64Array(channels);
  const bias = new Float64Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const bnScale = gamma[channel]! / Math.sqrt(variance[channel]! + eps);
    let product = bnScale;
    let y = convBias === null ? 0 : convBias[channel]!;
    for (const { factor, shift } of between) {
      product *= factor[channel]!;
      y = y * factor[channel]! + shift[channel]!;
    }
    scale[channel] = product;
    bias[channel] = ((y - mean[channel]!) * bnScale + beta[channel]!) / biasFactor;
  }
  return { scale, bias };
}
