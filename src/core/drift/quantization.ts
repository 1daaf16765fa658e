import {
  countBelow,
  countFrom,
  countNotFinite,
  quantizationNoise,
  rowMaxima,
} from './kernels/weightKernels';
import type { WeightMatrix } from './weightMatrix';

/** What a fold does to a weight's fitness for int8 and fp16. Ranges are max |w| per output channel. */
export interface QuantizationReadiness {
  readonly rangeBefore: Float64Array;
  readonly rangeAfter: Float64Array;
  /** Largest over median channel range: above some tens, one scale for the whole tensor wastes most of its steps. */
  readonly spreadBefore: number;
  readonly spreadAfter: number;
  /** SQNR of the folded weight in symmetric int8, one scale for the tensor and one per channel; dB. */
  readonly int8TensorDb: number | 'identical';
  readonly int8ChannelDb: number | 'identical';
  /** Folded weights and biases beyond ±65504, and those that become subnormal or vanish in float16. */
  readonly fp16Overflow: number;
  readonly fp16Subnormal: number;
  /** Channels whose folded weight is all zero. */
  readonly deadChannels: number;
  readonly negativeGamma: number;
}

/** `stored` and `bias` are the folded ones as they are in the file; `gamma` is the BatchNorm's, [channels]. */
export function quantizationReadiness(
  original: WeightMatrix,
  stored: WeightMatrix,
  bias: Float64Array | null,
  gamma: Float64Array,
): QuantizationReadiness {
  const isBroken = countNotFinite(stored.values) > 0;
  // Values that are no numbers are said elsewhere; the figures are of those that are.
  const folded = isBroken ? { ...stored, values: stored.values.map(finiteOrZero) } : stored;
  const rangeBefore = rowMaxima(original.values, original.channels);
  const rangeAfter = rowMaxima(folded.values, folded.channels);
  const widest = rangeAfter.reduce((a, b) => Math.max(a, b), 0);
  const written = [stored.values, bias ?? new Float64Array(0)];
  const sum = (count: (values: Float64Array) => number): number =>
    written.reduce((total, values) => total + count(values), 0);
  return {
    rangeBefore,
    rangeAfter,
    spreadBefore: spread(rangeBefore),
    spreadAfter: spread(rangeAfter),
    int8TensorDb: int8Sqnr(folded, new Float64Array(folded.channels).fill(widest)),
    int8ChannelDb: int8Sqnr(folded, rangeAfter),
    fp16Overflow: sum((values) => countFrom(values, FP16_OVERFLOW)),
    fp16Subnormal: sum((values) => countBelow(values, FP16_MIN_NORMAL)),
    deadChannels: rangeAfter.filter((range) => range === 0).length,
    negativeGamma: gamma.filter((value) => value < 0).length,
  };
}

/** Halfway between the largest float16, 65504, and the next step: from here on a value rounds to infinity. */
const FP16_OVERFLOW = 65520;

/** Smallest normal float16, 2^-14. */
const FP16_MIN_NORMAL = 2 ** -14;

/** Steps on each side of zero in symmetric int8, as TensorRT and PyTorch's symmetric observers use it. */
const INT8_STEPS = 127;

function finiteOrZero(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

function spread(ranges: Float64Array): number {
  const sorted = ranges.filter((range) => range > 0 && range < Infinity).toSorted();
  const largest = sorted.at(-1) ?? 0;
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return median === 0 ? 1 : largest / median;
}

/** SQNR of symmetric int8 whose largest value in each row is `ranges`. */
function int8Sqnr({ values }: WeightMatrix, ranges: Float64Array): number | 'identical' {
  const { power, noise } = quantizationNoise(
    values,
    ranges.map((range) => range / INT8_STEPS),
  );
  return noise === 0 ? 'identical' : 10 * Math.log10(power / noise);
}
