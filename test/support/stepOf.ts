import type { FloatDType } from '../../src/core/model/tensor';

/** Explicit significand bits and exponent of the smallest normal number. */
const formats = { f64: [52, -1022], f32: [23, -126], f16: [10, -14], bf16: [7, -126] } as const;

/** Distance of neighbouring values of a type around `value`: its unit in the last place. */
export function stepOf(value: number, dtype: FloatDType): number {
  const [bits, minExponent] = formats[dtype];
  const guess = Math.floor(Math.log2(Math.abs(value)));
  // Logarithms may be a last digit off near powers of two.
  const exponent = 2 ** (guess + 1) <= Math.abs(value) ? guess + 1 : guess;
  return 2 ** (Math.max(exponent, minExponent) - bits);
}
