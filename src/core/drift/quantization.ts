import { roundTo } from '../bytes/floats';
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

/** `folded` and `bias` are as stored; `gamma` is the BatchNorm's, [channels]. */
export function quantizationReadiness(
  original: WeightMatrix,
  folded: WeightMatrix,
  bias: Float64Array | null,
  gamma: Float64Array,
): QuantizationReadiness {
  const rangeBefore = channelRanges(original);
  const rangeAfter = channelRanges(folded);
  const widest = rangeAfter.reduce((a, b) => Math.max(a, b), 0);
  const stored = [folded.values, bias ?? new Float64Array(0)];
  return {
    rangeBefore,
    rangeAfter,
    spreadBefore: spread(rangeBefore),
    spreadAfter: spread(rangeAfter),
    int8TensorDb: int8Sqnr(folded, () => widest),
    int8ChannelDb: int8Sqnr(folded, (channel) => rangeAfter[channel] ?? 0),
    fp16Overflow: countWhere(stored, (value) => Math.abs(roundTo(value, 'f16')) === Infinity),
    fp16Subnormal: countWhere(stored, (value) => value !== 0 && Math.abs(value) < FP16_MIN_NORMAL),
    deadChannels: countWhere([rangeAfter], (range) => range === 0),
    negativeGamma: countWhere([gamma], (value) => value < 0),
  };
}

/** Smallest normal float16, 2^-14. */
const FP16_MIN_NORMAL = 2 ** -14;

/** Steps on each side of zero in symmetric int8, as TensorRT and PyTorch's symmetric observers use it. */
const INT8_STEPS = 127;

function channelRanges({ channels, reduction, values }: WeightMatrix): Float64Array {
  return new Float64Array(channels).map((_, channel) =>
    values
      .subarray(channel * reduction, (channel + 1) * reduction)
      .reduce((range, value) => Math.max(range, Math.abs(value)), 0),
  );
}

function spread(ranges: Float64Array): number {
  const sorted = ranges.filter((range) => range > 0).toSorted();
  const largest = sorted.at(-1) ?? 0;
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return median === 0 ? 1 : largest / median;
}

function int8Sqnr(
  weight: WeightMatrix,
  rangeOf: (channel: number) => number,
): number | 'identical' {
  let [power, noise] = [0, 0];
  for (let channel = 0; channel < weight.channels; channel++) {
    const step = rangeOf(channel) / INT8_STEPS;
    if (step === 0) continue;
    const row = weight.values.subarray(
      channel * weight.reduction,
      (channel + 1) * weight.reduction,
    );
    row.forEach((value) => {
      const error = value - Math.round(value / step) * step;
      power += value * value;
      noise += error * error;
    });
  }
  return noise === 0 ? 'identical' : 10 * Math.log10(power / noise);
}

function countWhere(arrays: readonly Float64Array[], test: (value: number) => boolean): number {
  return arrays.reduce((count, values) => count + values.filter(test).length, 0);
}
