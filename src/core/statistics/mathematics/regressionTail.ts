/**
 * Natural logarithm of the probability that `regressors` unrelated series, fitted to `count` values together with
 * an offset, reach the correlation `r` or above (F test of a regression; for one regressor the one-sided t test).
 * 0 where nothing can be said: no degrees of freedom left, or r not above 0.
 */
export function logFitProbability(r: number, count: number, regressors: number): number {
  const degrees = count - 1 - regressors;
  if (degrees < 1 || !(r > 0)) return 0;
  // 1 − r² follows Beta(degrees/2, regressors/2) when nothing is related; half of it has the wrong sign.
  const x = Math.max(1 - r * r, 1e-15);
  return logIncompleteBeta(x, degrees / 2, regressors / 2) + Math.log(0.5);
}

/** log I_x(a, b), the regularised incomplete beta function; continued fraction of NIST DLMF 8.17.22. */
export function logIncompleteBeta(x: number, a: number, b: number): number {
  const logFront =
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  if (x > (a + 1) / (a + b + 2)) {
    // The fraction converges fast on the other side only; the complement is not small there.
    return Math.log1p(-Math.exp(logIncompleteBeta(1 - x, b, a)));
  }
  return logFront - Math.log(a) + Math.log(betaFraction(x, a, b));
}

const MAX_TERMS = 300;
const TINY = 1e-300;

/** Modified Lentz evaluation of the continued fraction. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < 1e-12) break;
  }
  return value;
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** log Γ(x) for x > 0, by Lanczos' approximation (g = 7, nine terms). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const t = shifted + 7.5;
  const series = LANCZOS.reduce(
    (sum, coefficient, idx) => sum + coefficient / (shifted + idx + 1),
    0.99999999999980993,
  );
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(series);
}
