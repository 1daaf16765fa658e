/**
 * A number in the digits that float32 holds, as people write it: `0.001` for 0.0010000000474974513, `1e-5` for
 * 0.00001.
 */
export function shortNumber(value: number): string {
  const rounded = Number(value.toPrecision(7));
  const isTiny = rounded !== 0 && Math.abs(rounded) < 1e-3;
  return isTiny ? rounded.toExponential() : String(rounded);
}
