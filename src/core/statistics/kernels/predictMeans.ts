/** Expectations worked through side by side, so that each sum is loaded once for all of them. */
const LANES = 4;

/** Some inputs of a plane of sums S over the taps of a weight. */
export interface PlaneSlice {
  /** [rows × inputs], row-major. */
  readonly plane: Float32Array;
  /** Output channel of each row, of which `channelsPerGroup` share one group's inputs. */
  readonly rows: Int32Array;
  readonly inputs: number;
  readonly channelsPerGroup: number;
  /** Inputs [from, from + count) of each group are meant. */
  readonly from: number;
  readonly count: number;
}

/**
 * out[k][row] = Σ_i S[row, i] · expected[k][group of the row's channel, i]: what a convolution makes of inputs that
 * average to `expected[k]`, [groups × count].
 */
export function predictMeans(slice: PlaneSlice, expected: readonly Float64Array[]): Float64Array[] {
  const out = expected.map(() => new Float64Array(slice.rows.length));
  for (let first = 0; first < expected.length; first += LANES) {
    const last = Math.min(first + LANES, expected.length);
    if (last - first === 1) predictOne(slice, expected[first]!, out[first]!);
    else predictLanes(slice, pack(expected.slice(first, last)), out.slice(first, last));
  }
  return out;
}

function predictOne(slice: PlaneSlice, expected: Float64Array, out: Float64Array): void {
  const { plane, rows, inputs, channelsPerGroup, from, count } = slice;
  for (let row = 0; row < rows.length; row++) {
    const base = row * inputs + from;
    const start = Math.floor(rows[row]! / channelsPerGroup) * count;
    let sum = 0;
    for (let idx = 0; idx < count; idx++) sum += plane[base + idx]! * expected[start + idx]!;
    out[row] = sum;
  }
}

/** Two to LANES expectations, packed by `pack`. */
function predictLanes(
  { plane, rows, inputs, channelsPerGroup, from, count }: PlaneSlice,
  packed: Float64Array,
  out: readonly Float64Array[],
): void {
  for (let row = 0; row < rows.length; row++) {
    const base = row * inputs + from;
    let at = LANES * Math.floor(rows[row]! / channelsPerGroup) * count;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let idx = 0; idx < count; idx++) {
      const weight = plane[base + idx]!;
      a += weight * packed[at]!;
      b += weight * packed[at + 1]!;
      c += weight * packed[at + 2]!;
      d += weight * packed[at + 3]!;
      at += LANES;
    }
    out[0]![row] = a;
    out[1]![row] = b;
    if (out.length > 2) out[2]![row] = c;
    if (out.length > 3) out[3]![row] = d;
  }
}

/** [channels × LANES], channel by channel; lanes without expectations are 0. */
function pack(expected: readonly Float64Array[]): Float64Array {
  const packed = new Float64Array(LANES * expected[0]!.length);
  for (let lane = 0; lane < expected.length; lane++) {
    const means = expected[lane]!;
    for (let channel = 0; channel < means.length; channel++) {
      packed[channel * LANES + lane] = means[channel]!;
    }
  }
  return packed;
}
