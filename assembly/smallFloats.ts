/**
 * Element types of 16 and 32 bits in vectors: their bits as float32 or float64, and float64 rounded once to their
 * bits. Part of foldRuns.ts.
 */

/** Element types, as constants of compile time. */
export const F32 = 0;
export const F16 = 1;
export const BF16 = 2;

/**
 * Constants that go into every lane. They are loaded from memory: engines build a vector constant anew, in several
 * instructions, wherever it is used.
 */
const words = memory.data<u32>([
  0x7fff, 0x7bff, 0x8000, 0x7f800000, 0x77800000, 0x7fffffff, 0xc8000fff, 1, 0x3f000000, 0x38800000,
  0x47800000, 0x7e00, 0x7c00, 0x40, 0x8fffe000, 0x000fc400, 0x0001c080, 0x7fff7fff, 0x7bff7bff, 0x7f7f7f7f,
  0x80008000,
]);
// @ts-ignore: decorator
@inline
function word(index: usize): v128 {
  return v128.load_splat<u32>(words + 4 * index);
}
const SIGNLESS_16: usize = 0, LARGEST_F16: usize = 1, SIGN_16: usize = 2, INFINITY_32: usize = 3;
const TWO_TO_112: usize = 4, SIGNLESS_32: usize = 5, REBIAS_AND_HALF: usize = 6, ONE: usize = 7;
const ONE_HALF: usize = 8, SMALLEST_NORMAL_F16: usize = 9, TWO_TO_16: usize = 10;
const NAN_F16: usize = 11, INFINITY_F16: usize = 12, QUIET_BF16: usize = 13;
const SIGN_AND_F16: usize = 14, REBIAS_TO_F16: usize = 15, REBIAS_TO_BF16: usize = 16;
/** Two lanes of 16 bits each. */
const SIGNLESS_TWICE: usize = 17, LARGEST_F16_TWICE: usize = 18, LARGEST_BF16_TWICE: usize = 19;
const SIGN_TWICE: usize = 20;

/** The same for lanes of 64 bits. */
const doubleWords = memory.data<u64>([
  0x1fffffff, 0x20000000, 0x3ae0000000000000, 0x3810000000000000, 0x8000000000000000,
  0x7ff0000000000000, 0x3f10000000000000, 0x02a8000000000000, 0x02d8000000000000,
]);
// @ts-ignore: decorator
@inline
function doubleWord(index: usize): v128 {
  return v128.load_splat<u64>(doubleWords + 8 * index);
}
const CUT_BY_F32: usize = 0, LAST_OF_F32: usize = 1, TWO_TO_MINUS_81: usize = 2;
const SMALLEST_NORMAL_BF16: usize = 3, SIGN_64: usize = 4, EXPONENT_64: usize = 5;
const SMALLEST_NORMAL_F16_64: usize = 6, TO_PLACES_OF_F16: usize = 7, TO_PLACES_OF_BF16: usize = 8;

// @ts-ignore: decorator
@inline
export function sizeOf(dtype: i32): usize {
  return dtype == F32 ? 4 : 2;
}

// @ts-ignore: decorator
@inline
export function upperHalf(four: v128): v128 {
  return v128.shuffle<f32>(four, four, 2, 3, 2, 3);
}

// @ts-ignore: decorator
@inline
function joinHalves(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(low, high, 0, 1, 4, 5);
}

/*
 * The fast way, for ordinary numbers, neither infinite nor NaN, before and after. Let m be the power of two at or
 * below |p|, or the smallest normal number where p is below that. Then p + 1.5·2^42·m has its last place where
 * float16 has its own (2^45 for bfloat16): the addition rounds p, to nearest with ties to even. The last 32 bits of
 * the sum are the rounded p counted in such places, k; and the sum less 1.5·2^42·m is the rounded p itself.
 */

/** Values, as float32, of ordinary 16-bit elements that were extended to 32 bits with their sign. */
// @ts-ignore: decorator
@inline
export function decodeOrdinary(dtype: i32, wide: v128): v128 {
  if (dtype == BF16) return i32x4.shl(wide, 16);
  // Exponent and fraction in the places of float32's make a number that is 2^112 times too small.
  return f32x4.mul(v128.and(i32x4.shl(wide, 13), word(SIGN_AND_F16)), word(TWO_TO_112));
}

/** The power of two m of float64 values. */
// @ts-ignore: decorator
@inline
export function powerBelow(dtype: i32, values: v128): v128 {
  const smallest = doubleWord(dtype == F16 ? SMALLEST_NORMAL_F16_64 : SMALLEST_NORMAL_BF16);
  return f64x2.pmax(v128.and(values, doubleWord(EXPONENT_64)), smallest);
}

/** 1.5·2^42·m, or 1.5·2^45·m. */
// @ts-ignore: decorator
@inline
export function roundingTerm(dtype: i32, powers: v128): v128 {
  return i64x2.add(powers, doubleWord(dtype == F16 ? TO_PLACES_OF_F16 : TO_PLACES_OF_BF16));
}

/** Bits without sign, in lanes of 32 bits, of four values by their sums with the rounding term and their powers m. */
// @ts-ignore: decorator
@inline
export function magnitudesOf(dtype: i32, sum0: v128, sum1: v128, power0: v128, power1: v128): v128 {
  const places = i32x4.abs(v128.shuffle<i32>(sum0, sum1, 0, 2, 4, 6));
  const exponents = v128.shuffle<i32>(power0, power1, 1, 3, 5, 7);
  // The leading bit of a normal number's places adds one to the exponent, as does rounding up to the next power.
  const shifted = i32x4.shr_u(exponents, dtype == F16 ? 10 : 13);
  const rebias = word(dtype == F16 ? REBIAS_TO_F16 : REBIAS_TO_BF16);
  return i32x4.sub(i32x4.add(places, shifted), rebias);
}

/** Whether eight elements, of which one has bits and one magnitudes, are ordinary. */
// @ts-ignore: decorator
@inline
export function areOrdinary(dtype: i32, bits: v128, magnitudes: v128): bool {
  const largest = i16x8.max_s(v128.and(bits, word(SIGNLESS_TWICE)), magnitudes);
  const limit = word(dtype == F16 ? LARGEST_F16_TWICE : LARGEST_BF16_TWICE);
  return !v128.any_true(i16x8.gt_s(largest, limit));
}

/** The signs of eight float64, in the places where 16-bit elements have them. */
// @ts-ignore: decorator
@inline
export function signsOf(values0: v128, values1: v128, values2: v128, values3: v128): v128 {
  const low = i32x4.shr_s(v128.shuffle<i32>(values0, values1, 1, 3, 5, 7), 16);
  const high = i32x4.shr_s(v128.shuffle<i32>(values2, values3, 1, 3, 5, 7), 16);
  return v128.and(i16x8.narrow_i32x4_s(low, high), word(SIGN_TWICE));
}

/* The way for all numbers, four at a time. */

/** Values, as float32, of bit patterns in lanes of 32 bits. */
// @ts-ignore: decorator
@inline
export function decodeFour(dtype: i32, bits: v128): v128 {
  if (dtype == F32) return bits;
  if (dtype == BF16) return i32x4.shl(bits, 16);
  // A float16's exponent and fraction, moved into place, make a float32 that is 2^112 times too small.
  const magnitude = v128.and(bits, word(SIGNLESS_16));
  const value = f32x4.mul(i32x4.shl(magnitude, 13), word(TWO_TO_112));
  const isSpecial = i32x4.gt_s(magnitude, word(LARGEST_F16));
  const special = v128.and(isSpecial, word(INFINITY_32));
  const sign = i32x4.shl(v128.and(bits, word(SIGN_16)), 16);
  return v128.or(v128.or(value, special), sign);
}

/** Bit patterns, in lanes of 32 bits, of four float64 rounded once, to nearest with ties to even. */
// @ts-ignore: decorator
@inline
export function roundFour(dtype: i32, low: v128, high: v128): v128 {
  if (dtype == F32) return joinHalves(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high));
  if (dtype == F16) return encodeF16(joinHalves(demoteToOdd(low), demoteToOdd(high)));
  return encodeBF16(
    joinHalves(demoteToOdd(roundSmallForBF16(low)), demoteToOdd(roundSmallForBF16(high))),
  );
}

/**
 * float64 to float32 by rounding to odd: what is cut off leaves a mark in the last bit, so that a second rounding to
 * a type at least two bits narrower is as if there had been one (Boldo and Melquiond, 2008).
 */
// @ts-ignore: decorator
@inline
function demoteToOdd(values: v128): v128 {
  const kept = v128.andnot(values, doubleWord(CUT_BY_F32));
  const mark = v128.and(i64x2.ne(values, kept), doubleWord(LAST_OF_F32));
  return f32x4.demote_f64x2_zero(v128.or(kept, mark));
}

/**
 * Below the smallest normal number bfloat16 has a fixed step, 2^-133, and float32 cannot hold a mark any more:
 * adding and taking away 2^52 steps rounds there.
 */
// @ts-ignore: decorator
@inline
function roundSmallForBF16(values: v128): v128 {
  const magnitude = f64x2.abs(values);
  const shift = doubleWord(TWO_TO_MINUS_81);
  const rounded = f64x2.sub(f64x2.add(magnitude, shift), shift);
  const signed = v128.or(rounded, v128.and(values, doubleWord(SIGN_64)));
  return v128.bitselect(signed, values, f64x2.lt(magnitude, doubleWord(SMALLEST_NORMAL_BF16)));
}

/** float32 to float16 bits, to nearest with ties to even. */
// @ts-ignore: decorator
@inline
function encodeF16(values: v128): v128 {
  const magnitude = v128.and(values, word(SIGNLESS_32));
  const sign = i32x4.shr_u(v128.xor(values, magnitude), 16);
  // Normal: another exponent bias, and half a unit (less one where the result is even) before 13 bits are cut.
  const odd = v128.and(i32x4.shr_u(magnitude, 13), word(ONE));
  const normal = i32x4.shr_u(i32x4.add(i32x4.add(magnitude, word(REBIAS_AND_HALF)), odd), 13);
  // Subnormal: 0.5 has the step of float16's subnormals as its last bit.
  const subnormal = i32x4.sub(f32x4.add(magnitude, word(ONE_HALF)), word(ONE_HALF));
  const finite = v128.bitselect(
    subnormal,
    normal,
    i32x4.lt_s(magnitude, word(SMALLEST_NORMAL_F16)),
  );
  const isNaN = i32x4.gt_s(magnitude, word(INFINITY_32));
  const over = v128.bitselect(word(NAN_F16), word(INFINITY_F16), isNaN);
  return v128.or(v128.bitselect(over, finite, i32x4.ge_s(magnitude, word(TWO_TO_16))), sign);
}

/** float32 to bfloat16 bits, to nearest with ties to even. */
// @ts-ignore: decorator
@inline
function encodeBF16(values: v128): v128 {
  const cut = i32x4.shr_u(values, 16);
  const odd = v128.and(cut, word(ONE));
  const rounded = i32x4.shr_u(i32x4.add(i32x4.add(values, word(SIGNLESS_16)), odd), 16);
  const isNaN = i32x4.gt_s(v128.and(values, word(SIGNLESS_32)), word(INFINITY_32));
  return v128.bitselect(v128.or(cut, word(QUIET_BF16)), rounded, isNaN);
}
