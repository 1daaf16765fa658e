import type { FloatDType } from '../model/tensor';

/** Difference of two tensors in numbers (FOLDING.md section 3). */
export interface DriftMetrics {
  readonly maxAbs: number;
  readonly meanAbs: number;
  /** Root of the mean squared difference. */
  readonly rms: number;
  /** ‖reference − candidate‖ / ‖reference‖; 0 when nothing differs. */
  readonly relL2: number;
  /** 20·log10(‖reference‖ / ‖reference − candidate‖); `identical` when no element differs. */
  readonly sqnrDb: number | 'identical';
  /** Cosine of the angle between the two as vectors; 1 when nothing differs, 0 when only one of them is zero. */
  readonly cosine: number;
  /** Largest difference in steps of the element type at the reference's value. */
  readonly maxUlp: number;
}

/** Explicit significand bits and smallest normal exponent of each type. */
const steps: Readonly<Record<FloatDType, readonly [bits: number, minExponent: number]>> = {
  f64: [52, -1022],
  f32: [23, -126],
  f16: [10, -14],
  bf16: [7, -126],
};

/**
 * Compares a candidate with its reference, element by element; both have the same length. Elements that are NaN in
 * both, or the same infinity, count as equal and stay out of the norms. One that is finite on one side only makes
 * the difference infinite: SQNR −Infinity.
 */
export function compareTensors(
  reference: Float64Array,
  candidate: Float64Array,
  dtype: FloatDType,
): DriftMetrics {
  let [maxAbs, sumAbs, noise, power, candidatePower, product, maxUlp] = [0, 0, 0, 0, 0, 0, 0];
  reference.forEach((expected, idx) => {
    const found = candidate[idx] ?? NaN;
    if (Object.is(expected, found) && !Number.isFinite(expected)) return;
    const difference = Math.abs(expected - found);
    const gap = Number.isNaN(difference) ? Infinity : difference;
    maxAbs = Math.max(maxAbs, gap);
    sumAbs += gap;
    noise += gap * gap;
    power += expected * expected;
    candidatePower += found * found;
    product += expected * found;
    if (gap > 0) maxUlp = Math.max(maxUlp, gap / unitInLastPlace(expected, dtype));
  });
  const count = Math.max(reference.length, 1);
  const isIdentical = noise === 0;
  const isBroken = noise === Infinity;
  return {
    maxAbs,
    meanAbs: sumAbs / count,
    rms: Math.sqrt(noise / count),
    relL2: isIdentical ? 0 : isBroken ? Infinity : Math.sqrt(noise / power),
    sqnrDb: isIdentical ? 'identical' : isBroken ? -Infinity : 10 * Math.log10(power / noise),
    cosine: cosine(product, power, candidatePower, isIdentical, isBroken),
    maxUlp,
  };
}

/** Distance of neighbouring values of `dtype` around `value`. */
export function unitInLastPlace(value: number, dtype: FloatDType): number {
  const [bits, minExponent] = steps[dtype];
  const size = Math.abs(value);
  const exponent = Number.isFinite(size) && size > 0 ? exponentOf(size) : minExponent;
  return 2 ** (Math.max(exponent, minExponent) - bits);
}

/** Largest e with 2^e ≤ value; logarithms are a last digit off near powers of two. */
function exponentOf(value: number): number {
  const guess = Math.floor(Math.log2(value));
  if (2 ** guess > value) return guess - 1;
  return 2 ** (guess + 1) <= value ? guess + 1 : guess;
}

function cosine(
  product: number,
  power: number,
  candidatePower: number,
  isIdentical: boolean,
  isBroken: boolean,
): number {
  if (isIdentical) return 1;
  if (isBroken || power === 0 || candidatePower === 0) return 0;
  return product / Math.sqrt(power * candidatePower);
}
