/**
 * float16 and bfloat16 as bit patterns. Both are IEEE-754 binary formats that differ in two numbers only,
 * so one pair of functions serves them.
 */
export interface SmallFloat {
  /** Explicit bits of the significand. */
  readonly fractionBits: number;
  /** Exponent of the smallest normal number; subnormals share it. */
  readonly minExponent: number;
  /** Exponent of the largest finite number. */
  readonly maxExponent: number;
}

export const float16: SmallFloat = { fractionBits: 10, minExponent: -14, maxExponent: 15 };
export const bfloat16: SmallFloat = { fractionBits: 7, minExponent: -126, maxExponent: 127 };

const doubleScratch = new Float64Array(1);
const wordScratch = new Uint32Array(doubleScratch.buffer);
/** In doubles from here on the unit in the last place is 1, so adding it rounds to an integer, ties to even. */
const ROUND_TO_INTEGER = 2 ** 52;

/** 2^n for −1022 ≤ n ≤ 1023, exact; the language does not promise that of `**`. */
function powerOfTwo(n: number): number {
  wordScratch[0] = 0;
  wordScratch[1] = (n + 1023) << 20;
  return doubleScratch[0]!;
}

/** Bits of the value nearest to `value`, ties to even, in one rounding from float64. NaN becomes the quiet NaN. */
export function smallFloatBits(value: number, format: SmallFloat): number {
  const { fractionBits, minExponent, maxExponent } = format;
  doubleScratch[0] = value;
  const high = wordScratch[1]!;
  const sign = (high >>> 31) << 15;
  const exponent = ((high >>> 20) & 0x7ff) - 1023;
  const infinity = (maxExponent - minExponent + 2) << fractionBits;
  if (exponent > maxExponent) {
    const quietBit = Number.isNaN(value) ? 1 << (fractionBits - 1) : 0;
    return sign | infinity | quietBit;
  }
  // The significand as an integer count of units in the last place. A carry out of it, also the one from the
  // largest finite number to infinity, moves into the exponent by plain addition.
  const scale = exponent < minExponent ? minExponent : exponent;
  const units = Math.abs(value) * powerOfTwo(fractionBits - scale);
  const rounded = units + ROUND_TO_INTEGER - ROUND_TO_INTEGER;
  return sign | (((scale - minExponent) << fractionBits) + rounded);
}

/** The value of a bit pattern, exact. */
export function smallFloatValue(bits: number, format: SmallFloat): number {
  const { fractionBits, minExponent, maxExponent } = format;
  const fraction = bits & ((1 << fractionBits) - 1);
  const biased = (bits & 0x7fff) >> fractionBits;
  const sign = bits & 0x8000 ? -1 : 1;
  if (biased === maxExponent - minExponent + 2) return fraction === 0 ? sign * Infinity : NaN;
  if (biased === 0) return sign * fraction * powerOfTwo(minExponent - fractionBits);
  const significand = fraction + (1 << fractionBits);
  return sign * significand * powerOfTwo(biased - 1 + minExponent - fractionBits);
}

/** Little-endian bit patterns to values. `bytes.length` is a multiple of 2. */
export function decodeSmallFloats(bytes: Uint8Array, format: SmallFloat): Float64Array {
  const values = new Float64Array(bytes.length >> 1);
  for (let idx = 0; idx < values.length; idx++) {
    values[idx] = smallFloatValue(bytes[2 * idx]! | (bytes[2 * idx + 1]! << 8), format);
  }
  return values;
}

/** Values to little-endian bit patterns, each rounded once. */
export function encodeSmallFloats(values: Float64Array, format: SmallFloat): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  for (let idx = 0; idx < values.length; idx++) {
    const bits = smallFloatBits(values[idx]!, format);
    bytes[2 * idx] = bits;
    bytes[2 * idx + 1] = bits >> 8;
  }
  return bytes;
}
