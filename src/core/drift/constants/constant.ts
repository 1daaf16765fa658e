import { elementCount, type DType } from '../../model/tensor';

/** A value of a graph that does not depend on its inputs; `values` in row-major order. */
export interface Constant {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** The same values under another shape; null where their number differs. */
export function reshaped(constant: Constant, shape: readonly number[]): Constant | null {
  return elementCount(shape) === constant.values.length ? { ...constant, shape } : null;
}

/** The shape two shapes broadcast to (ONNX, "Multidirectional Broadcasting"), or null where they do not. */
export function broadcastShape(one: readonly number[], other: readonly number[]): number[] | null {
  const rank = Math.max(one.length, other.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const a = one[axis - rank + one.length] ?? 1;
    const b = other[axis - rank + other.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1) return null;
    shape.push(a === 1 ? b : a);
  }
  return shape;
}

/** The values of `constant` repeated to fill `shape`, which it broadcasts to. */
export function broadcastTo(constant: Constant, shape: readonly number[]): Float64Array {
  const { values } = constant;
  const count = elementCount(shape);
  if (values.length === count) return values;
  if (values.length === 1) return new Float64Array(count).fill(values[0] ?? NaN);
  // Axis by axis from the right, what is there so far is repeated as often as the axis is long.
  let filled = values;
  let inner = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    const own = constant.shape[axis - shape.length + constant.shape.length] ?? 1;
    if (own === 1 && size > 1) filled = repeatRuns(filled, inner, size);
    inner *= size;
  }
  return filled;
}

/** Every run of `length` values `times` times in a row. */
function repeatRuns(values: Float64Array, length: number, times: number): Float64Array {
  const repeated = new Float64Array(values.length * times);
  for (let start = 0; start < values.length; start += length) {
    const run = values.subarray(start, start + length);
    for (let time = 0; time < times; time++) repeated.set(run, start * times + time * length);
  }
  return repeated;
}
