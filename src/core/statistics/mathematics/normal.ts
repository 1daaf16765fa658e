const INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

/** φ(x), the density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * x * x);
}

/** Hart's rational approximation below this, a continued fraction above it. */
const TAIL_START = 7.07106781186547;

const NUMERATOR = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
  221.213596169931, 220.206867912376,
];
const DENOMINATOR = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
  637.333633378831, 793.826512519948, 440.413735824752,
];

/** E[max(z, 0)] = μ Φ(μ/σ) + σ φ(μ/σ) for z ~ N(μ, σ²), σ > 0, with the exponential that both share. */
export function rectifiedMean(mean: number, std: number): number {
  const x = mean / std;
  const distance = Math.abs(x);
  const bell = Math.exp(-0.5 * x * x);
  const tail = distance > 37 ? 0 : bell * tailFactor(distance);
  return mean * (x > 0 ? 1 - tail : tail) + std * INVERSE_SQRT_TWO_PI * bell;
}

/**
 * Φ(x), the standard normal distribution function, to six digits of its own size, in the tails too: a channel that
 * is seldom active has all its mean there. Hart 1968, Computer Approximations, algorithm 5666, as West 2005 (Better Approximations to
 * Cumulative Normal Functions) gives it.
 */
export function normalDistribution(x: number): number {
  const distance = Math.abs(x);
  const tail = distance > 37 ? 0 : Math.exp(-0.5 * distance * distance) * tailFactor(distance);
  return x > 0 ? 1 - tail : tail;
}

function tailFactor(x: number): number {
  if (x < TAIL_START) return polynomial(NUMERATOR, x) / polynomial(DENOMINATOR, x);
  return INVERSE_SQRT_TWO_PI / (x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65)))));
}

/** Horner's scheme, highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}
