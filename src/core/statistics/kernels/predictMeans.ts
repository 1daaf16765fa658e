import { instantiate, type WasmExports } from '../../bytes/webAssembly';
import { predictMeansBinary } from './predictMeansBinary';

/** Some inputs of a plane of sums S over the taps of a weight. */
export interface PlaneSlice {
  /** [places × inputs], row-major. */
  readonly plane: Float32Array;
  /** Where in the plane each row lies, ascending. */
  readonly places: Int32Array;
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
  const step = Math.max(1, Math.floor(MAX_WEIGHTS / Math.max(1, slice.count)));
  for (let row = 0; row < slice.rows.length; row += step) {
    const rows = Math.min(step, slice.rows.length - row);
    for (let first = 0; first < expected.length;) {
      const lanes = expected.length - first === 1 ? 1 : LANES;
      const some = expected.slice(first, first + lanes);
      loops().predict(slice, { row, rows, lanes }, some, out.slice(first, first + lanes));
      first += lanes;
    }
  }
  return out;
}

/** Expectations worked through side by side, as assembly/predictMeans.ts has it. */
const LANES = 8;
/** Weights in the loops' memory at once: 4 MB. */
const MAX_WEIGHTS = 1 << 20;

/** Addresses of weights, rows of `count` weights, starts, expectations, means. */
type Predict = (
  weights: number,
  rows: number,
  count: number,
  starts: number,
  expected: number,
  means: number,
) => void;

interface Exports extends WasmExports {
  readonly predictLanes: Predict;
  readonly predictOne: Predict;
}

/** Some rows of a slice, for one expectation or LANES of them. */
interface Piece {
  readonly row: number;
  readonly rows: number;
  readonly lanes: number;
}

const FLOAT = 4;
const DOUBLE = 8;
/** The lowest bytes of memory are the compiler's. */
const START = 1024;
const PAGE = 1 << 16;

/** The compiled loops of assembly/predictMeans.ts and the memory they work on, which grows with the layers. */
class PredictionLoops {
  private readonly exports = instantiate<Exports>(predictMeansBinary);

  /** Works out rows of `out`, one vector per expectation. */
  predict(
    slice: PlaneSlice,
    { row, rows, lanes }: Piece,
    expected: readonly Float64Array[],
    out: readonly Float64Array[],
  ): void {
    const { count } = slice;
    const channels = expected[0]!.length;
    const places = START;
    const means = places + channels * lanes * DOUBLE;
    const starts = means + rows * lanes * DOUBLE;
    const weights = align(starts + rows * FLOAT);
    const buffer = this.memoryOf(weights + rows * count * FLOAT);
    pack(expected, new Float64Array(buffer, places, channels * lanes), lanes);
    copyStarts(slice, row, new Int32Array(buffer, starts, rows));
    copyWeights(slice, row, new Float32Array(buffer, weights, rows * count));
    const run = lanes === 1 ? this.exports.predictOne : this.exports.predictLanes;
    run(weights, rows, count, starts, places, means);
    const found = new Float64Array(buffer, means, rows * lanes);
    for (let lane = 0; lane < out.length; lane++) {
      const own = out[lane]!;
      for (let idx = 0; idx < rows; idx++) own[row + idx] = found[idx * lanes + lane]!;
    }
  }

  private memoryOf(bytes: number): ArrayBuffer {
    const { memory } = this.exports;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return memory.buffer;
  }
}

/** [channels × lanes], channel by channel; what lies in lanes without expectations does not matter. */
function pack(expected: readonly Float64Array[], packed: Float64Array, lanes: number): void {
  for (let lane = 0; lane < expected.length; lane++) {
    const means = expected[lane]!;
    for (let channel = 0; channel < means.length; channel++) {
      packed[channel * lanes + lane] = means[channel]!;
    }
  }
}

/** Where the inputs of each row's group begin. */
function copyStarts({ rows, channelsPerGroup, count }: PlaneSlice, row: number, to: Int32Array) {
  for (let idx = 0; idx < to.length; idx++) {
    to[idx] = Math.floor(rows[row + idx]! / channelsPerGroup) * count;
  }
}

function copyWeights(
  { plane, places, inputs, from, count }: PlaneSlice,
  row: number,
  to: Float32Array,
): void {
  const rows = count === 0 ? 0 : to.length / count;
  const first = places[row]! * inputs;
  const areTogether = count === inputs && places[row + rows - 1] === places[row]! + rows - 1;
  if (areTogether) {
    to.set(plane.subarray(first, first + rows * inputs));
    return;
  }
  for (let idx = 0; idx < rows; idx++) {
    const start = places[row + idx]! * inputs + from;
    to.set(plane.subarray(start, start + count), idx * count);
  }
}

function align(address: number): number {
  return Math.ceil(address / DOUBLE) * DOUBLE;
}

/** The loops of this thread, made at the first prediction. */
function loops(): PredictionLoops {
  return (instance ??= new PredictionLoops());
}
let instance: PredictionLoops | undefined;
