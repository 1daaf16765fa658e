import { roundTo } from '../bytes/floats';
import type { Fold } from '../model/fold';
import { reason, type Reason } from '../model/reason';
import type { FloatDType } from '../model/tensor';

/**
 * The first channel whose folded weight or bias is too large for the element type (FOLDING.md guard 24), as a reason
 * to leave the pair; null when all fits. `maxima` are the channels' largest |weight|; without them only the bias is
 * judged.
 */
export function findOverflow(fold: Fold, maxima: Float64Array | null): Reason | null {
  const { dtype, scale } = fold.weight;
  for (const [channel, factor] of scale.entries()) {
    const weight = Math.abs(factor) * (maxima?.[channel] ?? 0);
    const size = Math.max(weight, Math.abs(fold.bias[channel] ?? 0));
    if (roundTo(size, dtype) === Infinity) {
      return reason('FP16_OVERFLOW', channel, size.toPrecision(4), dtypeNames[dtype]);
    }
  }
  return null;
}

const dtypeNames: Readonly<Record<FloatDType, string>> = {
  f64: 'float64',
  f32: 'float32',
  f16: 'float16',
  bf16: 'bfloat16',
};
