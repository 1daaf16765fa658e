/**
 * The inner loops of a fold, in AssemblyScript: compiled to WebAssembly by `npm run build:kernels`.
 * Plain JavaScript needs four times as long: it checks bounds at every access and has no vectors, and a fold must
 * keep pace with the disk. Everything is computed in float64 and rounded once to the element type.
 *
 * Elements are scaled in place. Each also adds element × patch to two sums of its channel, with the element as it was
 * and as it is stored now: the isolated check of the fold. Scales, patch and sums are float64.
 * Addresses are bytes; loops read up to three elements behind the last one, and write none.
 */

/** Element types, as constants of compile time. */
const F32 = 0;
const F16 = 1;
const BF16 = 2;

/** Elements of narrow types go through the loops four at a time. */
const LANES: i32 = 4;
const DOUBLE: usize = sizeof<f64>();

/** Scales `rows` rows of `count` elements. A row is one channel and meets the whole patch; the next row is the next channel. */
export function foldRowsF32(
  at: usize, rows: i32, count: i32, scales: usize, patch: usize, before: usize, after: usize,
): void {
  foldRows(F32, at, rows, count, scales, patch, before, after);
}
export function foldRowsF16(
  at: usize, rows: i32, count: i32, scales: usize, patch: usize, before: usize, after: usize,
): void {
  foldRows(F16, at, rows, count, scales, patch, before, after);
}
export function foldRowsBF16(
  at: usize, rows: i32, count: i32, scales: usize, patch: usize, before: usize, after: usize,
): void {
  foldRows(BF16, at, rows, count, scales, patch, before, after);
}

/** Scales `rows` rows of `count` elements. A row holds consecutive channels and meets one value of the patch, the next row the next. */
export function foldColumnsF32(
  at: usize, rows: i32, count: i32, scales: usize, patch: usize, before: usize, after: usize,
): void {
  foldColumns(F32, at, rows, count, scales, patch, before, after);
}
export function foldColumnsF16(
  at: usize, rows: i32, count: i32, scales: usize, patch: usize, before: usize, after: usize,
): void {
  foldColumns(F16, at, rows, count, scales, patch, before, after);
}
export function foldColumnsBF16(
  at: usize, rows: i32, count: i32, scales: usize, patch: usize, before: usize, after: usize,
): void {
  foldColumns(BF16, at, rows, count, scales, patch, before, after);
}

// @ts-ignore: decorator
@inline
function foldRows(
  dtype: i32, at: usize, rows: i32, count: i32, scales: usize, patch: usize, before: usize, after: usize,
): void {
  for (; rows > 0; rows--) {
    const scale = v128.load_splat<u64>(scales);
    let x = patch;
    // Two sums of two lanes each, so that no addition waits for the one before it.
    let before0 = f64x2.splat(0), before1 = f64x2.splat(0);
    let after0 = f64x2.splat(0), after1 = f64x2.splat(0);
    for (let left = count; left > 0; left -= LANES) {
      const original = loadFour(dtype, at, left);
      const low = f64x2.promote_low_f32x4(original);
      const high = f64x2.promote_low_f32x4(upperHalf(original));
      const bits = roundFour(dtype, f64x2.mul(low, scale), f64x2.mul(high, scale));
      storeFour(dtype, at, bits, left);
      const stored = decodeFour(dtype, bits);
      const patch0 = v128.load(x);
      const patch1 = v128.load(x, 16);
      before0 = f64x2.add(before0, f64x2.mul(low, patch0));
      before1 = f64x2.add(before1, f64x2.mul(high, patch1));
      after0 = f64x2.add(after0, f64x2.mul(f64x2.promote_low_f32x4(stored), patch0));
      after1 = f64x2.add(after1, f64x2.mul(f64x2.promote_low_f32x4(upperHalf(stored)), patch1));
      at += <usize>min(left, LANES) * sizeOf(dtype);
      x += <usize>LANES * DOUBLE;
    }
    f64.store(before, f64.load(before) + sumOfLanes(f64x2.add(before0, before1)));
    f64.store(after, f64.load(after) + sumOfLanes(f64x2.add(after0, after1)));
    scales += DOUBLE;
    before += DOUBLE;
    after += DOUBLE;
  }
}

// @ts-ignore: decorator
@inline
function foldColumns(
  dtype: i32, at: usize, rows: i32, count: i32, scales: usize, patch: usize, before: usize, after: usize,
): void {
  for (; rows > 0; rows--) {
    const x = v128.load_splat<u64>(patch);
    let offset: usize = 0;
    for (let left = count; left > 0; left -= LANES) {
      const original = loadFour(dtype, at, left);
      const low = f64x2.promote_low_f32x4(original);
      const high = f64x2.promote_low_f32x4(upperHalf(original));
      const scaledLow = f64x2.mul(low, v128.load(scales + offset));
      const scaledHigh = f64x2.mul(high, v128.load(scales + offset, 16));
      const bits = roundFour(dtype, scaledLow, scaledHigh);
      storeFour(dtype, at, bits, left);
      const stored = decodeFour(dtype, bits);
      addTo(before + offset, f64x2.mul(low, x), f64x2.mul(high, x));
      const storedLow = f64x2.promote_low_f32x4(stored);
      const storedHigh = f64x2.promote_low_f32x4(upperHalf(stored));
      addTo(after + offset, f64x2.mul(storedLow, x), f64x2.mul(storedHigh, x));
      at += <usize>min(left, LANES) * sizeOf(dtype);
      offset += <usize>LANES * DOUBLE;
    }
    patch += DOUBLE;
  }
}

/** `foldRows…` in float64; there is nothing to convert. */
export function foldRowsF64(
  at: usize, rows: i32, count: i32, scales: usize, patch: usize, before: usize, after: usize,
): void {
  for (; rows > 0; rows--) {
    const scale = f64.load(scales);
    let x = patch;
    let beforeSum = f64.load(before), afterSum = f64.load(after);
    for (let left = count; left > 0; left--) {
      const original = f64.load(at);
      const folded = original * scale;
      f64.store(at, folded);
      beforeSum += original * f64.load(x);
      afterSum += folded * f64.load(x);
      at += DOUBLE;
      x += DOUBLE;
    }
    f64.store(before, beforeSum);
    f64.store(after, afterSum);
    scales += DOUBLE;
    before += DOUBLE;
    after += DOUBLE;
  }
}

/** `foldColumns…` in float64. */
export function foldColumnsF64(
  at: usize, rows: i32, count: i32, scales: usize, patch: usize, before: usize, after: usize,
): void {
  for (; rows > 0; rows--) {
    const x = f64.load(patch);
    let offset: usize = 0;
    for (let left = count; left > 0; left--) {
      const original = f64.load(at);
      const folded = original * f64.load(scales + offset);
      f64.store(at, folded);
      f64.store(before + offset, f64.load(before + offset) + original * x);
      f64.store(after + offset, f64.load(after + offset) + folded * x);
      at += DOUBLE;
      offset += DOUBLE;
    }
    patch += DOUBLE;
  }
}

/**
 * Constants that go into every lane. They are loaded from memory: engines build a vector constant anew, in several
 * instructions, wherever it is used.
 */
const words = memory.data<u32>([
  0x7fff, 0x7bff, 0x8000, 0x7f800000, 0x77800000, 0x7fffffff, 0xc8000fff, 1, 0x3f000000, 0x38800000,
  0x47800000, 0x7e00, 0x7c00, 0x40,
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

/** The same for lanes of 64 bits. */
const doubleWords = memory.data<u64>([
  0x1fffffff, 0x20000000, 0x3ae0000000000000, 0x3810000000000000, 0x8000000000000000,
]);
// @ts-ignore: decorator
@inline
function doubleWord(index: usize): v128 {
  return v128.load_splat<u64>(doubleWords + 8 * index);
}
const CUT_BY_F32: usize = 0, LAST_OF_F32: usize = 1, TWO_TO_MINUS_81: usize = 2;
const SMALLEST_NORMAL_BF16: usize = 3, SIGN_64: usize = 4;

// @ts-ignore: decorator
@inline
function sizeOf(dtype: i32): usize {
  return dtype == F32 ? 4 : 2;
}

// @ts-ignore: decorator
@inline
function upperHalf(four: v128): v128 {
  return v128.shuffle<f32>(four, four, 2, 3, 2, 3);
}

// @ts-ignore: decorator
@inline
function joinHalves(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(low, high, 0, 1, 4, 5);
}

// @ts-ignore: decorator
@inline
function sumOfLanes(two: v128): f64 {
  return f64x2.extract_lane(two, 0) + f64x2.extract_lane(two, 1);
}

// @ts-ignore: decorator
@inline
function addTo(sums: usize, low: v128, high: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), low));
  v128.store(sums, f64x2.add(v128.load(sums, 16), high), 16);
}

/** Four elements as float32, exact; zeros from the `count`-th on. */
// @ts-ignore: decorator
@inline
function loadFour(dtype: i32, at: usize, count: i32): v128 {
  const four = dtype == F32 ? v128.load(at) : decodeFour(dtype, v128.load_ext<u16>(at));
  if (count >= LANES) return four;
  return v128.and(four, i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3)));
}

/** Stores the first `count` of four elements. */
// @ts-ignore: decorator
@inline
function storeFour(dtype: i32, at: usize, bits: v128, count: i32): void {
  if (dtype == F32) {
    if (count >= LANES) {
      v128.store(at, bits);
    } else {
      v128.store_lane<u32>(at, bits, 0);
      if (count > 1) v128.store_lane<u32>(at, bits, 1, 4);
      if (count > 2) v128.store_lane<u32>(at, bits, 2, 8);
    }
  } else {
    const halves = i16x8.narrow_i32x4_u(bits, bits);
    if (count >= LANES) {
      v128.store_lane<u64>(at, halves, 0);
    } else {
      v128.store_lane<u16>(at, halves, 0);
      if (count > 1) v128.store_lane<u16>(at, halves, 1, 2);
      if (count > 2) v128.store_lane<u16>(at, halves, 2, 4);
    }
  }
}

/** Values, as float32, of bit patterns in lanes of 32 bits. */
// @ts-ignore: decorator
@inline
function decodeFour(dtype: i32, bits: v128): v128 {
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
function roundFour(dtype: i32, low: v128, high: v128): v128 {
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
