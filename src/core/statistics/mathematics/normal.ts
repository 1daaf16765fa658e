const INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

/** φ(x), the density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * x * x);
}

/**
 * Φ(x), the standard normal distribution function, to an absolute error below 1e-7, which is far below the noise
 * of running means. Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17.
 */
export function normalDistribution(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = normalDensity(x) * series;
  return x >= 0 ? 1 - tail : tail;
}
