/** How well a prediction explains stored means; see `Fit`. `effective` is the number of channels that carry it. */
export interface FitQuality {
  readonly share: number;
  readonly correlation: number;
  readonly offset: number;
  readonly effective: number;
}

const none: FitQuality = { share: -1, correlation: 0, offset: 0, effective: 0 };

/**
 * Compares stored means with predicted ones = stored + residual. Rows with scale 0 do not count; `count` rows do.
 *
 * share = min over left-out rows of 1 − Σ residual² / Σ (value − mean value)²
 */
export function fitQuality(
  values: Float64Array,
  scale: Float64Array,
  count: number,
  residual: Float64Array,
): FitQuality {
  if (count < 3) return none;
  let sum = 0;
  let residualSum = 0;
  for (let row = 0; row < values.length; row++) {
    sum += values[row]!;
    residualSum += residual[row]!;
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
    const distance = values[row]! - center;
    const square = distance * distance;
    const predicted = values[row]! + residual[row]! - predictedCenter;
    spread += square;
    fourth += square * square;
    error += residual[row]! * residual[row]!;
    product += distance * predicted;
    predictedSpread += predicted * predicted;
  }
  if (!(spread > 0) || !Number.isFinite(error)) return none;
  const correlation = predictedSpread > 0 ? product / Math.sqrt(spread * predictedSpread) : 0;
  return {
    share: leaveOneOut(values, scale, residual, { center, spread, error, count }),
    correlation,
    offset: -residualSum / count,
    // Few outstanding means carry the correlation of few channels only; for normal ones Σd⁴ = 3 (Σd²)²/n.
    effective: Math.min(count, (3 * spread * spread) / fourth),
  };
}

function leaveOneOut(
  values: Float64Array,
  scale: Float64Array,
  residual: Float64Array,
  whole: { center: number; spread: number; error: number; count: number },
): number {
  const { center, spread, error, count } = whole;
  let share = 1 - error / spread;
  // Leaving a channel out only makes a poor share poorer.
  if (share < 0) return share;
  // It takes distance² · n/(n − 1) from the spread about the mean.
  const regain = count / (count - 1);
  for (let row = 0; row < values.length; row++) {
    if (scale[row] === 0) continue;
    const distance = values[row]! - center;
    const left = spread - distance * distance * regain;
    const remaining = error - residual[row]! * residual[row]!;
    share = Math.min(share, left > 1e-12 * spread ? 1 - remaining / left : -1);
  }
  return share;
}
