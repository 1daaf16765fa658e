import { boundedLeastSquares } from './kernels/boundedLeastSquares';
import { fitQuality } from './kernels/fitQuality';
import { addScaled, scaled, subtract } from './kernels/vectors';
import { logFitProbability } from './mathematics/regressionTail';
import type { StoredMeans } from './storedMeans';

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

/** A correlation below this proves nothing, and its probability is not worked out. */
const MIN_CORRELATION = 0.5;

/** Fits the prediction's unknowns and says how well it explains the stored means. */
export function fitPrediction(stored: StoredMeans, prediction: Prediction, gain = 1): Fit {
  const { scale } = stored;
  return fitScaled(stored, {
    ...prediction,
    base: scaled(prediction.base, gain, scale),
    columns: prediction.columns.map((column) => scaled(column, gain, scale)),
  });
}

/**
 * The same for a prediction in standard deviations of the channels, as `stored.values` are. It allocates nothing of
 * the layer's size, for it runs millions of times: `prediction.base` is overwritten with what stays unexplained.
 */
export function fitScaled(stored: StoredMeans, prediction: Prediction): Fit {
  const { values, scale, count } = stored;
  const { base: residual, columns, limits, isSigned } = prediction;
  const isBaseEmpty = subtract(residual, values);
  const coefficients = boundedLeastSquares(residual, columns, limits, isSigned);
  columns.forEach((column, k) => {
    addScaled(residual, column, coefficients[k] ?? 0);
  });
  const quality = fitQuality(values, scale, count, residual);
  const { share, correlation, offset, effective } = quality;
  // A base that is all zeros is no regressor of its own.
  const regressors = columns.length + (isBaseEmpty ? 0 : 1);
  const logProbability =
    correlation < MIN_CORRELATION ? 0 : logFitProbability(correlation, effective, regressors);
  return { share, correlation, offset, logProbability, coefficients };
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
