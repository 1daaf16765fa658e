/**
 * out[row] = Σ_i S[row, i] · e[group of the row's channel, i]: what a convolution makes of expected inputs.
 * `plane` is [rows × inputs]; `rows[row]` is the output channel, of which `channelsPerGroup` share one group's inputs.
 * `from` and `count` restrict the sum to inputs [from, from + count) of the group, and `expected` then starts there.
 */
export function predictMeans(
  plane: Float32Array,
  rows: Int32Array,
  inputs: number,
  channelsPerGroup: number,
  expected: Float64Array,
  from = 0,
  count = inputs,
): Float64Array {
  const out = new Float64Array(rows.length);
  for (let row = 0; row < rows.length; row++) {
    const group = Math.floor(rows[row]! / channelsPerGroup);
    const base = row * inputs + from;
    const start = group * count;
    let sum = 0;
    for (let idx = 0; idx < count; idx++) sum += plane[base + idx]! * expected[start + idx]!;
    out[row] = sum;
  }
  return out;
}
