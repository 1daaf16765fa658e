import type { FloatDType } from '../model/tensor';
import type { DriftMetrics } from './metrics';

/** `ok`: rounding and nothing else · `warn`: more than rounding explains · `bad`: the fold is wrong. */
export type DriftLabel = 'ok' | 'warn' | 'bad';

/** SQNR in dB from which a difference is `ok`, and below which it is `bad`. */
interface Thresholds {
  readonly ok: number;
  readonly bad: number;
}

/**
 * One fold on its own (FOLDING.md section 3): float32 rounded once leaves about 150 dB and computed in float32
 * 146 dB, float16 about 74 dB; a wrong eps, axis or neighbour lands below 35 dB.
 */
const isolatedThresholds: Readonly<Record<FloatDType, Thresholds>> = {
  f64: { ok: 120, bad: 60 },
  f32: { ok: 120, bad: 60 },
  f16: { ok: 60, bad: 35 },
  bf16: { ok: 45, bad: 30 },
};

/**
 * Whole networks: both sides round at every layer, in their own order, and the differences add up over the depth.
 * A right fold of a hundred float32 layers was seen at 100 dB and above; wrong folds stay below 40 dB.
 */
const accumulatedThresholds: Readonly<Record<FloatDType, Thresholds>> = {
  f64: { ok: 80, bad: 40 },
  f32: { ok: 80, bad: 40 },
  f16: { ok: 40, bad: 20 },
  bf16: { ok: 30, bad: 15 },
};

/** SQNR in dB that the chart's threshold line shows: a layer at or above it is `ok`. */
export function okThresholdDb(dtype: FloatDType, kind: 'isolated' | 'accumulated'): number {
  return thresholds(dtype, kind).ok;
}

/** Label of one comparison in the element type of the weights. */
export function driftLabel(
  metrics: DriftMetrics,
  dtype: FloatDType,
  kind: 'isolated' | 'accumulated',
): DriftLabel {
  const { sqnrDb } = metrics;
  if (sqnrDb === 'identical') return 'ok';
  const { ok, bad } = thresholds(dtype, kind);
  // Not a number compares false with everything and must not pass as ok.
  if (sqnrDb >= ok) return 'ok';
  return sqnrDb >= bad ? 'warn' : 'bad';
}

/** The worse of two labels. */
export function worseLabel(one: DriftLabel, other: DriftLabel): DriftLabel {
  return severity[one] >= severity[other] ? one : other;
}

const severity: Readonly<Record<DriftLabel, number>> = { ok: 0, warn: 1, bad: 2 };

function thresholds(dtype: FloatDType, kind: 'isolated' | 'accumulated'): Thresholds {
  return (kind === 'isolated' ? isolatedThresholds : accumulatedThresholds)[dtype];
}
