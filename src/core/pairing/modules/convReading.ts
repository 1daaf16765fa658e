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
/** Larger extents of a dense kernel come alone (1×31) or in squares; beside a small one it may be a channel count. */
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
  if (family === 'dense') return denseReadings(shape, channels);
  const reading = sparseReading(shape, family);
  return isSparse(reading) && reading.outChannels === channels ? [reading] : [];
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

/** Groups with which a transposed weight [in, out/groups, k…] gives `channels` outputs; null when it cannot. */
export function transposedGroups(shape: readonly number[], channels: number): number | null {
  const [first = 0, second = 0] = shape;
  const groups = channels / second;
  return Number.isInteger(groups) && first % groups === 0 ? groups : null;
}

function denseReadings(shape: readonly number[], channels: number): ConvReading[] {
  const [first = 0, second = 0] = shape;
  const kernel = shape.slice(2);
  if (isImplausible(shape)) return [];
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
  const groups = transposedGroups(shape, channels);
  if (kernel.length > 0 && groups !== null) {
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

/** Whether this can only be a sparse weight: a channel count stands among its kernel's extents. */
function isImplausible(shape: readonly number[]): boolean {
  const kernel = shape.slice(2);
  if (Math.max(0, ...kernel) <= MAX_DENSE_EXTENT) return false;
  if (kernel.length === 3) return true;
  const isOblong = kernel.length === 2 && kernel.every((extent) => extent > 1);
  // Kernels over spectrograms are long and oblong (204×1×67×7), and their other extents are no sparse kernel's.
  return isOblong && kernel[0] !== kernel[1] && mayBeSparse(shape);
}

function mayBeSparse(shape: readonly number[]): boolean {
  return isSparse(sparseReading(shape, 'spconv1')) || isSparse(sparseReading(shape, 'spconv2'));
}

function sparseReading(shape: readonly number[], family: 'spconv1' | 'spconv2'): ConvReading {
  const [first = 0] = shape;
  const last = shape.at(-1) ?? 0;
  return family === 'spconv1'
    ? {
        layout: '*IO',
        outChannels: last,
        groupInChannels: shape.at(-2) ?? 0,
        groups: 1,
        kernel: shape.slice(0, -2),
      }
    : {
        layout: 'O*I',
        outChannels: first,
        groupInChannels: last,
        groups: 1,
        kernel: shape.slice(1, -1),
      };
}

function isSparse({ kernel }: ConvReading): boolean {
  return kernel.length >= 2 && kernel.every((extent) => extent <= MAX_SPARSE_EXTENT);
}
