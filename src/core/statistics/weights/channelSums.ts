import { decodeFloatsInto } from '../../bytes/floats';
import { CancellationError, ModelFormatError } from '../../errors';
import { RunWalk } from '../../folding/kernels/runWalk';
import type { ConvLayer, WeightLayout } from '../../model/layer';
import type { OpenedModel } from '../../model/openedModel';
import { contiguousStrides, elementCount, isFloatDType, itemSize } from '../../model/tensor';
import { MAX_CHANNELS } from '../limits';
import { accumulateSums, type SumTarget } from '../kernels/accumulateSums';
import { denseTapPlan, plainTapPlan, sparseTapPlan, type TapPlan } from './tapPlan';
import { weightPlaces, type WeightPlaces } from './weightPlaces';

/** What the test needs of a convolution's weight: S[c, i] = Σ_taps W[c, i, tap], one plane per unknown of the taps. */
export interface ChannelSums {
  readonly conv: ConvLayer;
  /** Output channels that were kept, ascending; all of them unless the layer is large. */
  readonly rows: Int32Array;
  readonly outChannels: number;
  /** Inputs that one output channel sees. */
  readonly inputs: number;
  /** [planes] of [places × inputs], row-major. */
  readonly planes: readonly Float32Array[];
  /** Where in the planes each of `rows` lies; a selection of rows shares the planes it was made from. */
  readonly places: Int32Array;
  readonly plan: TapPlan;
  /** Factors by which all taps together may count: 1, or the shares a transposed convolution's strides leave. */
  readonly gains: readonly number[];
}

/** Asks whether to go on; called once per chunk. */
export type IsCancelled = () => boolean;

const CHUNK_BYTES = 1 << 20;

/** No real kernel has more taps; the planes grow with them. */
const MAX_TAPS = 4096;

/**
 * Streams a weight once and sums it over its taps, for at most `maxRows` evenly spread output channels, read as
 * `layout`. Where an output channel's weights lie together, those of the others are not read. Null when the weight cannot testify: its shape fits no layout or its type holds no numbers.
 * @throws CancellationError when `isCancelled` says so, and ModelFormatError when bytes are missing.
 */
export function readChannelSums(
  model: OpenedModel,
  conv: ConvLayer,
  maxRows: number,
  isCancelled: IsCancelled,
  layout: WeightLayout = conv.layout,
): ChannelSums | null {
  const { weight } = conv;
  if (!isFloatDType(weight.dtype) || weight.location.kind === 'absent') return null;
  const isStored = weight.location.kind === 'range';
  const strides = isStored ? weight.strides : contiguousStrides(weight.shape);
  const places = weightPlaces(conv, strides, layout);
  if (places === null) return null;
  const taps = elementCount(places.kernel);
  const { outChannels, inputs } = places;
  if (outChannels < 1 || inputs < 1 || taps < 1 || taps > MAX_TAPS) return null;
  if (outChannels > MAX_CHANNELS) return null;

  const plan = tapPlanOf(layout, places);
  const rows = spreadRows(outChannels, maxRows);
  const target = makeTarget(places, plan, rows, taps);
  const walk = new RunWalk(places.axes);
  for (const stretch of wantedStretches(places, rows)) {
    walk.seek(stretch.from);
    for (const chunk of weightChunks(model, conv, stretch)) {
      if (isCancelled()) throw new CancellationError();
      accumulateSums(target, walk, chunk.values, chunk.from);
    }
  }
  return {
    conv,
    rows,
    outChannels,
    inputs,
    planes: target.planes,
    places: Int32Array.from(rows.keys()),
    plan,
    gains: layout === 'IO*' ? transposedGains(places.kernel) : [1],
  };
}

/** Number of sums `readChannelSums` keeps for each output channel. */
export function sumsPerRow(conv: ConvLayer): number {
  const places = weightPlaces(conv, contiguousStrides(conv.weight.shape));
  if (places === null) return 0;
  return tapPlanOf(conv.layout, places).factors.length * places.inputs;
}

function tapPlanOf(layout: WeightLayout, places: WeightPlaces): TapPlan {
  switch (layout) {
    case 'OI*':
      return denseTapPlan(places.kernel);
    case 'IO*':
      return plainTapPlan(places.kernel);
    case '*IO':
    case 'O*I':
    case 'IO-flat':
      return sparseTapPlan(places.kernel);
  }
}

/** With stride s each output of a transposed convolution sees 1/s^d of the taps; s is at most the kernel's extent. */
function transposedGains(kernel: readonly number[]): number[] {
  const largest = Math.min(Math.max(1, ...kernel), 8);
  return Array.from({ length: largest }, (_, idx) =>
    kernel.reduce((gain, extent) => gain / Math.min(idx + 1, extent), 1),
  );
}

function spreadRows(outChannels: number, maxRows: number): Int32Array {
  const count = Math.min(outChannels, maxRows);
  return Int32Array.from({ length: count }, (_, row) => Math.floor((row * outChannels) / count));
}

function makeTarget(
  places: WeightPlaces,
  plan: TapPlan,
  rows: Int32Array,
  taps: number,
): SumTarget {
  const rowOf = new Int32Array(places.outChannels).fill(-1);
  rows.forEach((channel, row) => (rowOf[channel] = row));
  const factors = new Float64Array(plan.factors.length * taps);
  plan.factors.forEach((plane, idx) => {
    factors.set(plane, idx * taps);
  });
  return {
    rowOf,
    inputs: places.inputs,
    taps,
    planes: plan.factors.map(() => new Float32Array(rows.length * places.inputs)),
    factors,
  };
}

/** Elements [from, to) of a weight, counted in storage order. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Gaps up to this many elements are read along: a read costs more than they do. */
const MAX_GAP = 16 * 1024;

/** Where the kept output channels lie: in stretches of their own, or, with other layouts, all over the weight. */
function wantedStretches({ axes, outChannels }: WeightPlaces, rows: Int32Array): Stretch[] {
  const [outer, ...inner] = axes;
  const isByChannel = outer?.channelStep === 1 && inner.every((axis) => axis.channelStep === 0);
  if (!isByChannel || rows.length === outChannels) return [{ from: 0, to: Infinity }];
  const stretches: Stretch[] = [];
  for (const row of rows) {
    const last = stretches.at(-1);
    const [from, to] = [row * outer.stride, (row + 1) * outer.stride];
    if (last === undefined || from - last.to > MAX_GAP) stretches.push({ from, to });
    else stretches[stretches.length - 1] = { from: last.from, to };
  }
  return stretches;
}

/** The elements of a stretch, decoded chunk by chunk; a chunk's values hold until the next one is asked for. */
function* weightChunks(
  model: OpenedModel,
  { weight }: ConvLayer,
  { from, to }: Stretch,
): Generator<{ readonly values: Float64Array; readonly from: number }> {
  const { location, dtype, name } = weight;
  if (location.kind !== 'range') {
    yield { values: model.readValues(weight).subarray(from, to), from };
    return;
  }
  const source = model.sources[location.source];
  if (source === undefined) throw new ModelFormatError(`${name} lies in a file that is not there`);
  const size = itemSize[dtype];
  const chunk = CHUNK_BYTES / size;
  const end = Math.min(to, Math.floor(location.length / size));
  const buffer = new Float64Array(Math.min(chunk, Math.max(0, end - from)));
  for (let first = from; first < end; first += chunk) {
    const count = Math.min(chunk, end - first);
    const bytes = source.read(location.offset + first * size, count * size);
    yield { values: decodeFloatsInto(buffer, bytes, dtype), from: first };
  }
}
