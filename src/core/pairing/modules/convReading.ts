import type { WeightLayout } from '../../model/layer';
import type { Tensor } from '../../model/tensor';
import type { ModuleNode } from './moduleNode';
import { parametrizedWeight } from './moduleTree';
import { weightOf } from './moduleKind';

/** How a weight is to be read so that it has a given number of output channels. */
export interface ConvReading {
  readonly layout: WeightLayout;
  readonly outChannels: number;
  /** Input channels of one group. */
  readonly groupInChannels: number;
  readonly groups: number;
  readonly kernel: readonly number[];
}

/** Which family of layouts a weight belongs to: PyTorch's own, or one of spconv's. */
export type WeightFamily = 'dense' | 'spconv1' | 'spconv2';

/** Kernels of sparse convolutions are small; larger extents are channels. */
const MAX_SPARSE_EXTENT = 7;
/** Larger extents of a dense kernel come alone (1×31) or in squares; beside a small one it is a channel count. */
const MAX_DENSE_EXTENT = 13;

/** The weight of a convolution or linear layer, or what its weight is computed from. */
export function convWeight(conv: ModuleNode): Tensor | null {
  const own = conv.module === null ? undefined : weightOf(conv.module);
  return own ?? parametrizedWeight(conv);
}

/** All readings of a weight of this shape with `channels` outputs in one family; the likelier first. */
export function readingsOf(
  shape: readonly number[],
  channels: number,
  family: WeightFamily,
): ConvReading[] {
  if (shape.length < 2 || shape.some((dim) => dim <= 0)) return [];
  switch (family) {
    case 'dense':
      return denseReadings(shape, channels);
    case 'spconv1': {
      const reading = sparseReading(
        '*IO',
        shape.slice(0, -2),
        shape.at(-2) ?? 0,
        shape.at(-1) ?? 0,
      );
      return isSparse(reading, channels) ? [reading] : [];
    }
    case 'spconv2': {
      const reading = sparseReading('O*I', shape.slice(1, -1), shape.at(-1) ?? 0, shape[0] ?? 0);
      return isSparse(reading, channels) ? [reading] : [];
    }
  }
}

/**
 * The number of groups with which a dense weight of this shape takes `channels` inputs; null when it cannot.
 * Groups are not written anywhere, so a count that divides is a possibility only.
 */
export function groupsFor(shape: readonly number[], channels: number): number | null {
  const [out = 0, groupIn = 0] = shape;
  if (groupIn === channels) return 1;
  // Only convolutions over space have groups worth the name.
  if (groupIn === 0 || shape.slice(2).every((dim) => dim === 1)) return null;
  const groups = channels / groupIn;
  return Number.isInteger(groups) && out % groups === 0 ? groups : null;
}

function denseReadings(shape: readonly number[], channels: number): ConvReading[] {
  const [first = 0, second = 0] = shape;
  const kernel = shape.slice(2);
  if (isImplausible(kernel)) return [];
  const readings: ConvReading[] = [];
  if (first === channels) {
    readings.push({
      layout: 'OI*',
      outChannels: channels,
      groupInChannels: second,
      groups: 1,
      kernel,
    });
  }
  // A transposed weight is [in, out/groups, k…]: the groups follow from the channels.
  const groups = channels / second;
  if (kernel.length > 0 && Number.isInteger(groups) && first % groups === 0) {
    readings.push({
      layout: 'IO*',
      outChannels: channels,
      groupInChannels: first / groups,
      groups,
      kernel,
    });
  }
  return readings;
}

/** Whether this can only be the rest of a sparse weight: a channel count among kernel extents. */
function isImplausible(kernel: readonly number[]): boolean {
  const largest = Math.max(0, ...kernel);
  if (largest <= MAX_DENSE_EXTENT) return false;
  if (kernel.length === 3) return true;
  return kernel.length === 2 && kernel.every((extent) => extent > 1) && kernel[0] !== kernel[1];
}

function sparseReading(
  layout: WeightLayout,
  kernel: readonly number[],
  inChannels: number,
  outChannels: number,
): ConvReading {
  return { layout, outChannels, groupInChannels: inChannels, groups: 1, kernel };
}

function isSparse({ outChannels, kernel }: ConvReading, channels: number): boolean {
  return (
    outChannels === channels &&
    kernel.length >= 2 &&
    kernel.every((extent) => extent <= MAX_SPARSE_EXTENT)
  );
}
