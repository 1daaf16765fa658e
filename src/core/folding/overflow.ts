import type { Fold } from '../model/fold';
import { reason, type Reason } from '../model/reason';
import type { FloatDType } from '../model/tensor';

/** Largest finite value of each type. */
const largest: Readonly<Record<FloatDType, number>> = {
  f64: Number.MAX_VALUE,
  f32: (2 - 2 ** -23) * 2 ** 127,
  f16: 65504,
  bf16: (2 - 2 ** -7) * 2 ** 127,
};

/** Scale from which on folded weights of a wide type are looked at: smaller ones need weights no network has. */
const SUSPICIOUS_SCALE = 2 ** 64;

/** Whether the weight must be read (`ChannelMaxima`) to know that the fold fits its element type. */
export function needsChannelMaxima(fold: Fold): boolean {
  const limit = fold.weight.dtype === 'f16' ? 1 : SUSPICIOUS_SCALE;
  return fold.weight.scale.some((factor) => Math.abs(factor) > limit);
}

/**
 * The first channel whose folded weight or bias is too large for the element type, as a reason to leave the pair;
 * null when all fits. `maxima` are the channels' largest |weight|, or null when `needsChannelMaxima` is false.
 */
export function findOverflow(fold: Fold, maxima: Float64Array | null): Reason | null {
  const { dtype, scale } = fold.weight;
  for (const [channel, factor] of scale.entries()) {
    const weight = Math.abs(factor) * (maxima?.[channel] ?? 0);
    const size = Math.max(weight, Math.abs(fold.bias[channel] ?? 0));
    if (size > largest[dtype]) {
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
