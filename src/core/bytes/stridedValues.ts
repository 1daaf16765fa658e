/**
 * Storage positions of a tensor's elements in logical row-major order, counted in elements from its first one.
 * Calls `visit(position, index)` for each; an empty tensor has none.
 */
export function walkStrides(
  shape: readonly number[],
  strides: readonly number[],
  visit: (position: number, index: number) => void,
): void {
  if (shape.includes(0)) return;
  const indices = new Array<number>(shape.length).fill(0);
  let position = 0;
  for (let index = 0; ; index++) {
    visit(position, index);
    let axis = shape.length - 1;
    for (; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      const next = (indices[axis] ?? 0) + 1;
      if (next < (shape[axis] ?? 1)) {
        indices[axis] = next;
        position += stride;
        break;
      }
      indices[axis] = 0;
      position -= (next - 1) * stride;
    }
    if (axis < 0) return;
  }
}

/** Elements from the first to the last of a strided tensor, gaps included; 0 for an empty one. */
export function stridedExtent(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((extent, count, axis) => extent + (count - 1) * (strides[axis] ?? 0), 1);
}

/** Whether two elements of a strided tensor may be one and the same place: an expanded tensor, as a rule. */
export function overlapsItself(shape: readonly number[], strides: readonly number[]): boolean {
  const axes = shape
    .map((count, axis) => ({ count, stride: strides[axis] ?? 0 }))
    .filter(({ count }) => count > 1)
    .toSorted((a, b) => a.stride - b.stride);
  let extent = 1;
  for (const { count, stride } of axes) {
    if (stride < extent) return true;
    extent += (count - 1) * stride;
  }
  return false;
}
