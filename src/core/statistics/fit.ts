import { boundedLeastSquares } from './kernels/boundedLeastSquares';
import { logFitProbability } from './mathematics/regressionTail';
import type { Norm } from './norm';

/** The running means a prediction is held against, for some output channels. */
export interface StoredMeans {
  /** running_mean − convolution's bias, in standard deviations of the channel; 0 where the channel cannot count. */
  readonly values: Float64Array;
  /** 1 / standard deviation of each channel; 0 for a channel whose statistics are not finite. */
  readonly scale: Float64Array;
  /** Channels that count. */
  readonly count: number;
}

/** base + Σ x_k · columns[k], in the means' own unit, with unknown x_k between 0 (or −limit) and limit. */
export interface Prediction {
  readonly base: Float64Array;
  readonly columns: readonly Float64Array[];
  readonly limits: readonly number[];
  readonly isSigned?: boolean;
}

export interface Fit {
  /**
   * Share of the stored means' variation that the prediction explains with slope 1 and no offset, when the channel
   * that helps most is left out. 1 is perfect; a cloud is at 0 or below.
   */
  readonly share: number;
  /** Pearson's correlation of predicted and stored means, each divided by the channel's standard deviation. */
  readonly correlation: number;
  /** Mean of stored − predicted, in standard deviations. */
  readonly offset: number;
  /** log of the probability that unrelated numbers correlate as well; the unknowns are paid for. */
  readonly logProbability: number;
  /** The fitted x_k. */
  readonly coefficients: Float64Array;
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
    return variance >= 0 && Number.isFinite(inverse) && Number.isFinite(mean) ? inverse : 0;
  });
  const values = Float64Array.from(rows, (channel, row) => {
    const inverse = scale[row] ?? 0;
    return inverse === 0 ? 0 : ((norm.mean[channel] ?? 0) - (bias?.[channel] ?? 0)) * inverse;
  });
  return { values, scale, count: scale.reduce((sum, inverse) => sum + (inverse > 0 ? 1 : 0), 0) };
}

/** Fits the prediction's unknowns and says how well it explains the stored means. */
export function fitPrediction(stored: StoredMeans, prediction: Prediction, gain = 1): Fit {
  const { values, scale } = stored;
  const scaled = (vector: Float64Array): Float64Array =>
    vector.map((value, row) => value * gain * (scale[row] ?? 0));
  const base = scaled(prediction.base);
  const columns = prediction.columns.map(scaled);
  const residual = base.map((value, row) => value - (values[row] ?? 0));
  const coefficients = boundedLeastSquares(
    residual,
    columns,
    prediction.limits,
    prediction.isSigned,
  );
  columns.forEach((column, k) => {
    const x = coefficients[k] ?? 0;
    if (x !== 0) column.forEach((value, row) => (residual[row] = (residual[row] ?? 0) + x * value));
  });
  // A base that is all zeros is no regressor of its own.
  const regressors = columns.length + (base.some((value) => value !== 0) ? 1 : 0);
  return { ...quality(stored, residual, regressors), coefficients };
}

/** The prediction with its fitted unknowns, in the means' own unit. */
export function predictedMeans(prediction: Prediction, fit: Fit, gain = 1): Float64Array {
  const means = prediction.base.map((value) => value * gain);
  prediction.columns.forEach((column, k) => {
    const x = fit.coefficients[k] ?? 0;
    column.forEach((value, row) => (means[row] = (means[row] ?? 0) + x * gain * value));
  });
  return means;
}

function quality(
  stored: StoredMeans,
  residual: Float64Array,
  regressors: number,
): Omit<Fit, 'coefficients'> {
  const { values, scale, count } = stored;
  const none = { share: -1, correlation: 0, offset: 0, logProbability: 0 };
  if (count < 3) return none;
  let sum = 0;
  let residualSum = 0;
  for (let row = 0; row < values.length; row++) {
    sum += values[row] ?? 0;
    residualSum += residual[row] ?? 0;
  }
  const center = sum / count;
  const predictedCenter = (sum + residualSum) / count;
  let spread = 0;
  let fourth = 0;
  let error = 0;
  let product = 0;
  let predictedSpread = 0;
  for (let row = 0; row < values.length; row++) {
    if (scale[row] === 0) continue;
    const value = values[row] ?? 0;
    const miss = residual[row] ?? 0;
    const distance = value - center;
    const predicted = value + miss - predictedCenter;
    spread += distance * distance;
    fourth += distance ** 4;
    error += miss * miss;
    product += distance * predicted;
    predictedSpread += predicted * predicted;
  }
  if (!(spread > 0) || !Number.isFinite(error)) return none;
  // Leaving a channel out takes distance² · n/(n − 1) from the spread about the mean.
  const regain = count / (count - 1);
  let share = 1 - error / spread;
  for (let row = 0; row < values.length; row++) {
    if (scale[row] === 0) continue;
    const distance = (values[row] ?? 0) - center;
    const miss = residual[row] ?? 0;
    const left = spread - distance * distance * regain;
    share = Math.min(share, left > 1e-12 * spread ? 1 - (error - miss * miss) / left : -1);
  }
  const correlation = predictedSpread > 0 ? product / Math.sqrt(spread * predictedSpread) : 0;
  // Few outstanding means carry the correlation of few channels only; for normal ones Σd⁴ = 3 (Σd²)²/n.
  const effective = Math.min(count, (3 * spread * spread) / fourth);
  return {
    share,
    correlation,
    offset: -residualSum / count,
    logProbability: logFitProbability(correlation, effective, regressors),
  };
}

function median(values: Float64Array): number {
  const sorted = values.filter(Number.isFinite).sort();
  return sorted[sorted.length >> 1] ?? 0;
}
