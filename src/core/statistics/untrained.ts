/** Whether running statistics are the ones a BatchNorm is made with (mean 0, variance 1): it never saw data. */
export function isUntrained(mean: Float64Array, variance: Float64Array): boolean {
  return mean.every((value) => value === 0) && variance.every((value) => value === 1);
}
