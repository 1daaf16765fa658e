import type { Fold } from '../../model/fold';

/** Whether two folds scale a weight alike. */
export function isSameFold(a: Fold, b: Fold): boolean {
  const [left, right] = [a.weight, b.weight];
  return (
    left.dtype === right.dtype &&
    isSameValues(left.scale, right.scale) &&
    JSON.stringify(left.axes) === JSON.stringify(right.axes)
  );
}

/** Whether two lists hold the same numbers; NaN equals NaN, 0 differs from -0. */
export function isSameValues(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, idx) => Object.is(value, b[idx]));
}
