import { isDead, type Norm } from './norm';

/** The running means a prediction is held against, for some output channels. */
export interface StoredMeans {
  /** running_mean − convolution's bias, in standard deviations of the channel; 0 where the channel cannot count. */
  readonly values: Float64Array;
  /** 1 / standard deviation of each channel; 0 for a channel that has died or whose statistics are not finite. */
  readonly scale: Float64Array;
  /** Channels that count. */
  readonly count: number;
}

/**
 * A channel with almost no variance would outweigh all others once means are divided by it, so the divisor has a
 * floor: this share of the layer's median variance.
 */
const VARIANCE_FLOOR = 0.02;

/** Prepares the means of `norm` at the output channels `rows`; `bias` is the convolution's, or null for none. */
export function storedMeans(norm: Norm, rows: Int32Array, bias: Float64Array | null): StoredMeans {
  const floor = VARIANCE_FLOOR * median(norm.variance) + Number.MIN_VALUE;
  const scale = Float64Array.from(rows, (channel) => {
    const variance = norm.variance[channel] ?? NaN;
    const mean = norm.mean[channel] ?? NaN;
    const inverse = 1 / Math.sqrt(variance + floor);
    if (isDead(mean, variance)) return 0;
    return variance >= 0 && Number.isFinite(inverse) && Number.isFinite(mean) ? inverse : 0;
  });
  const values = Float64Array.from(rows, (channel, row) => {
    const inverse = scale[row] ?? 0;
    return inverse === 0 ? 0 : ((norm.mean[channel] ?? 0) - (bias?.[channel] ?? 0)) * inverse;
  });
  return { values, scale, count: countPositive(scale) };
}

/** The means with only the rows of `kept` counting, `kept` being ascending places in them. */
export function pickMeans({ values, scale }: StoredMeans, kept: readonly number[]): StoredMeans {
  const pick = (vector: Float64Array): Float64Array =>
    Float64Array.from(kept, (row) => vector[row] ?? 0);
  const picked = pick(scale);
  return { values: pick(values), scale: picked, count: countPositive(picked) };
}

function countPositive(scale: Float64Array): number {
  return scale.reduce((sum, inverse) => sum + (inverse > 0 ? 1 : 0), 0);
}

function median(values: Float64Array): number {
  const sorted = values.filter(Number.isFinite).sort();
  return sorted[sorted.length >> 1] ?? 0;
}
