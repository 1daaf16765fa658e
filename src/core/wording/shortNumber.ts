/** `0.001` for the float32 value 0.0010000000474974513: just the digits that float32 holds. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(7)));
}
