/**
 * The inner loops of a fold, in AssemblyScript: compiled to WebAssembly by `npm run build:kernels`.
 * Plain JavaScript needs four times as long: it checks bounds at every access and has no vectors, and a fold must
 * keep pace with the disk. Everything is computed in float64 and rounded once to the element type.
 *
 * Elements are scaled in place. Each also adds element × patch to two sums of its channel, with the element as it was
 * and as it is stored now: the isolated check of the fold. Scales, patch and sums are float64.
 * Addresses are bytes; loops read up to three elements behind the last one, and write none.
 */

import {
  areOrdinary, BF16, decodeFour, decodeOrdinary, F16, F32, magnitudesOf, powerBelow, roundFour, roundingTerm,
  signsOf, sizeOf, upperHalf,
} from './smallFloats';

/** Elements of narrow types go through the loops four at a time; those of 16 bits eight, as long as they are ordinary. */
const LANES: i32 = 4;
const MORE_LANES: i32 = 8;
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
    const isFast = dtype != F32 && areModerate(scales, 1);
    let x = patch;
    // Two sums of two lanes each, so that no addition waits for the one before it.
    let before0 = f64x2.splat(0), before1 = f64x2.splat(0);
    let after0 = f64x2.splat(0), after1 = f64x2.splat(0);
    for (let left = count; left > 0; ) {
      if (isFast && left >= MORE_LANES) {
        // Written out: a function of AssemblyScript returns one vector only.
        const bits = v128.load(at);
        const first = decodeOrdinary(dtype, i32x4.extend_low_i16x8_s(bits));
        const second = decodeOrdinary(dtype, i32x4.extend_high_i16x8_s(bits));
        const x0 = f64x2.promote_low_f32x4(first), x1 = f64x2.promote_low_f32x4(upperHalf(first));
        const x2 = f64x2.promote_low_f32x4(second), x3 = f64x2.promote_low_f32x4(upperHalf(second));
        const p0 = f64x2.mul(x0, scale), p1 = f64x2.mul(x1, scale);
        const p2 = f64x2.mul(x2, scale), p3 = f64x2.mul(x3, scale);
        const m0 = powerBelow(dtype, p0), m1 = powerBelow(dtype, p1);
        const m2 = powerBelow(dtype, p2), m3 = powerBelow(dtype, p3);
        const t0 = roundingTerm(dtype, m0), t1 = roundingTerm(dtype, m1);
        const t2 = roundingTerm(dtype, m2), t3 = roundingTerm(dtype, m3);
        const s0 = f64x2.add(p0, t0), s1 = f64x2.add(p1, t1);
        const s2 = f64x2.add(p2, t2), s3 = f64x2.add(p3, t3);
        const magnitudes = i16x8.narrow_i32x4_s(
          magnitudesOf(dtype, s0, s1, m0, m1),
          magnitudesOf(dtype, s2, s3, m2, m3),
        );
        if (areOrdinary(dtype, bits, magnitudes)) {
          v128.store(at, v128.or(magnitudes, signsOf(p0, p1, p2, p3)));
          const patch0 = v128.load(x), patch1 = v128.load(x, 16);
          const patch2 = v128.load(x, 32), patch3 = v128.load(x, 48);
          before0 = addProducts(before0, x0, patch0, x2, patch2);
          before1 = addProducts(before1, x1, patch1, x3, patch3);
          after0 = addProducts(after0, f64x2.sub(s0, t0), patch0, f64x2.sub(s2, t2), patch2);
          after1 = addProducts(after1, f64x2.sub(s1, t1), patch1, f64x2.sub(s3, t3), patch3);
          at += <usize>MORE_LANES * sizeOf(dtype);
          x += <usize>MORE_LANES * DOUBLE;
          left -= MORE_LANES;
          continue;
        }
      }
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
      left -= LANES;
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
  const isFast = dtype != F32 && areModerate(scales, count);
  for (; rows > 0; rows--) {
    const x = v128.load_splat<u64>(patch);
    let offset: usize = 0;
    for (let left = count; left > 0; ) {
      if (isFast && left >= MORE_LANES) {
        const bits = v128.load(at);
        const first = decodeOrdinary(dtype, i32x4.extend_low_i16x8_s(bits));
        const second = decodeOrdinary(dtype, i32x4.extend_high_i16x8_s(bits));
        const x0 = f64x2.promote_low_f32x4(first), x1 = f64x2.promote_low_f32x4(upperHalf(first));
        const x2 = f64x2.promote_low_f32x4(second), x3 = f64x2.promote_low_f32x4(upperHalf(second));
        const scale = scales + offset;
        const p0 = f64x2.mul(x0, v128.load(scale)), p1 = f64x2.mul(x1, v128.load(scale, 16));
        const p2 = f64x2.mul(x2, v128.load(scale, 32)), p3 = f64x2.mul(x3, v128.load(scale, 48));
        const m0 = powerBelow(dtype, p0), m1 = powerBelow(dtype, p1);
        const m2 = powerBelow(dtype, p2), m3 = powerBelow(dtype, p3);
        const t0 = roundingTerm(dtype, m0), t1 = roundingTerm(dtype, m1);
        const t2 = roundingTerm(dtype, m2), t3 = roundingTerm(dtype, m3);
        const s0 = f64x2.add(p0, t0), s1 = f64x2.add(p1, t1);
        const s2 = f64x2.add(p2, t2), s3 = f64x2.add(p3, t3);
        const magnitudes = i16x8.narrow_i32x4_s(
          magnitudesOf(dtype, s0, s1, m0, m1),
          magnitudesOf(dtype, s2, s3, m2, m3),
        );
        if (areOrdinary(dtype, bits, magnitudes)) {
          v128.store(at, v128.or(magnitudes, signsOf(p0, p1, p2, p3)));
          addTo(before + offset, f64x2.mul(x0, x), f64x2.mul(x1, x));
          addTo(before + offset + 32, f64x2.mul(x2, x), f64x2.mul(x3, x));
          const stored0 = f64x2.sub(s0, t0), stored1 = f64x2.sub(s1, t1);
          const stored2 = f64x2.sub(s2, t2), stored3 = f64x2.sub(s3, t3);
          addTo(after + offset, f64x2.mul(stored0, x), f64x2.mul(stored1, x));
          addTo(after + offset + 32, f64x2.mul(stored2, x), f64x2.mul(stored3, x));
          at += <usize>MORE_LANES * sizeOf(dtype);
          offset += <usize>MORE_LANES * DOUBLE;
          left -= MORE_LANES;
          continue;
        }
      }
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
      left -= LANES;
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

/** Whether products with these scales stay where the fast way of rounding may go. */
function areModerate(scales: usize, count: i32): bool {
  for (; count > 0; count--) {
    if (!(abs(f64.load(scales)) < LARGEST_MODERATE)) return false;
    scales += DOUBLE;
  }
  return true;
}
const LARGEST_MODERATE: f64 = 1e100;

// @ts-ignore: decorator
@inline
function sumOfLanes(two: v128): f64 {
  return f64x2.extract_lane(two, 0) + f64x2.extract_lane(two, 1);
}

// @ts-ignore: decorator
@inline
function addProducts(sum: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  return f64x2.add(f64x2.add(sum, f64x2.mul(a, b)), f64x2.mul(c, d));
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
