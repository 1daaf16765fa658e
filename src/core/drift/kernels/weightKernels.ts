import { roundTo } from '../../bytes/floats';
import type { FloatDType } from '../../model/tensor';

// Loops over weights as matrices [channels, reduction], row-major. A network has tens of millions of weights and each
// goes through most of these, so none makes objects or calls functions inside.

/** max |w| of each row. */
export function rowMaxima(values: Float64Array, channels: number): Float64Array {
  const maxima = new Float64Array(channels);
  const reduction = values.length / channels;
  for (let channel = 0, at = 0; channel < channels; channel++) {
    let largest = 0;
    for (const end = at + reduction; at < end; at++) {
      const size = Math.abs(values[at]!);
      if (size > largest) largest = size;
    }
    maxima[channel] = largest;
  }
  return maxima;
}

/** weight · vector: the dot product of each row with `vector` [reduction]. */
export function multiplyRows(
  values: Float64Array,
  channels: number,
  vector: Float64Array,
): Float64Array {
  const products = new Float64Array(channels);
  const reduction = values.length / channels;
  for (let channel = 0, at = 0; channel < channels; channel++) {
    let sum = 0;
    for (let position = 0; position < reduction; position++, at++) {
      sum += values[at]! * vector[position]!;
    }
    products[channel] = sum;
  }
  return products;
}

/** Each row times its factor; rounded once to `dtype`, or kept as float64 where it is null. */
export function scaleRows(
  values: Float64Array,
  scale: Float64Array,
  dtype: FloatDType | null,
): Float64Array {
  const scaled = new Float64Array(values.length);
  const reduction = values.length / scale.length;
  for (let channel = 0, at = 0; channel < scale.length; channel++) {
    const factor = scale[channel]!;
    const end = at + reduction;
    if (dtype === 'f32') for (; at < end; at++) scaled[at] = Math.fround(values[at]! * factor);
    else for (; at < end; at++) scaled[at] = values[at]! * factor;
  }
  if (dtype === 'f16' || dtype === 'bf16') {
    for (let at = 0; at < scaled.length; at++) scaled[at] = roundTo(scaled[at]!, dtype);
  }
  return scaled;
}

/**
 * Whether every element of `folded` is the original's times its row's factor, up to `tolerance` relative to the
 * element or, where that is smaller, to `floor`. NaN fits nothing.
 */
export function fitsRowScale(
  original: Float64Array,
  folded: Float64Array,
  scale: Float64Array,
  tolerance: number,
  floor: number,
): boolean {
  const reduction = original.length / scale.length;
  for (let channel = 0, at = 0; channel < scale.length; channel++) {
    const factor = scale[channel]!;
    for (const end = at + reduction; at < end; at++) {
      const expected = original[at]! * factor;
      const size = Math.abs(expected);
      const gap = Math.abs(folded[at]! - expected);
      if (!(gap <= tolerance * (size > floor ? size : floor))) return false;
    }
  }
  return true;
}

/** The same where a factor belongs to each input channel: `taps` neighbouring positions of every row. */
export function fitsInputScale(
  original: Float64Array,
  folded: Float64Array,
  scale: Float64Array,
  taps: number,
  tolerance: number,
  floor: number,
): boolean {
  for (let at = 0; at < original.length;) {
    for (let input = 0; input < scale.length; input++) {
      const factor = scale[input]!;
      for (const end = at + taps; at < end; at++) {
        const expected = original[at]! * factor;
        const size = Math.abs(expected);
        const gap = Math.abs(folded[at]! - expected);
        if (!(gap <= tolerance * (size > floor ? size : floor))) return false;
      }
    }
  }
  return true;
}

/** Σw² and Σ(w − round(w / step)·step)² for one step a row; rows with step 0 add nothing. */
export function quantizationNoise(
  values: Float64Array,
  steps: Float64Array,
): { readonly power: number; readonly noise: number } {
  let power = 0;
  let noise = 0;
  const reduction = values.length / steps.length;
  for (let channel = 0, at = 0; channel < steps.length; channel++) {
    const step = steps[channel]!;
    const end = at + reduction;
    if (step === 0) {
      at = end;
      continue;
    }
    for (; at < end; at++) {
      const value = values[at]!;
      const error = value - Math.round(value / step) * step;
      power += value * value;
      noise += error * error;
    }
  }
  return { power, noise };
}

/** How many values have a size of at least `least`, NaN not among them. */
export function countFrom(values: Float64Array, least: number): number {
  let count = 0;
  for (let at = 0; at < values.length; at++) if (Math.abs(values[at]!) >= least) count++;
  return count;
}

/** How many values are not zero, but smaller than `limit`. */
export function countBelow(values: Float64Array, limit: number): number {
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value !== 0 && Math.abs(value) < limit) count++;
  }
  return count;
}

/** How many values are infinite or no numbers. */
export function countNotFinite(values: Float64Array): number {
  let count = 0;
  // x − x is 0 for every finite x and NaN otherwise.
  for (let at = 0; at < values.length; at++) if (values[at]! - values[at]! !== 0) count++;
  return count;
}

/** Whether two arrays of one length hold the same numbers. */
export function isEqual(one: Float64Array, other: Float64Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at]! !== other[at]!) return false;
  return true;
}

/**
 * Mean |cosine| of the rows of two matrices [rows, columns] whose rows have length 1, over every `stride`-th row; rows
 * that hold NaN in either do not count, and NaN comes of no row at all.
 */
export function meanCosine(
  one: Float64Array,
  other: Float64Array,
  columns: number,
  stride: number,
): number {
  let [sum, count] = [0, 0];
  for (let start = 0; start < one.length; start += stride * columns) {
    let product = 0;
    for (let at = start; at < start + columns; at++) product += one[at]! * other[at]!;
    if (product !== product) continue;
    sum += Math.abs(product);
    count++;
  }
  return sum / count;
}
