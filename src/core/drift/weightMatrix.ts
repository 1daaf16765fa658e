import { ModelFormatError } from '../errors';
import type { ConvLayer } from '../model/layer';
import { elementCount } from '../model/tensor';

/**
 * A convolution's weight as a matrix, the same for every container: `values` is row-major
 * [channels, reduction], and a row's positions are input channel of the group first, kernel tap second.
 */
export interface WeightMatrix {
  readonly channels: number;
  readonly reduction: number;
  /** Taps of the kernel; `reduction` is inputs per group × taps. */
  readonly taps: number;
  readonly groups: number;
  readonly values: Float64Array;
}

/**
 * Arranges the weight of `conv`, given in the tensor's own logical row-major order, as a matrix.
 * @throws ModelFormatError when values and shape do not agree.
 */
export function weightMatrix(conv: ConvLayer, stored: Float64Array): WeightMatrix {
  const { layout, groups, outChannels: channels } = conv;
  const { shape } = conv.weight;
  if (stored.length !== elementCount(shape) || stored.length % channels !== 0) {
    throw new ModelFormatError(
      `${conv.weight.name} holds ${stored.length} values, which does not fit its shape [${shape.join(', ')}]`,
    );
  }
  const reduction = stored.length / channels;
  const spatial = layout === 'OI*' || layout === 'IO*' ? shape.slice(2) : kernelOf(conv);
  const taps = elementCount(spatial);
  const inputs = reduction / taps;
  const values = layout === 'OI*' ? stored : new Float64Array(stored.length);
  const place = (source: number, channel: number, input: number, tap: number): void => {
    values[channel * reduction + input * taps + tap] = stored[source] ?? NaN;
  };
  switch (layout) {
    case 'OI*':
      break;
    case 'IO*': {
      const outPerGroup = channels / groups;
      for (let source = 0; source < stored.length; source++) {
        const tap = source % taps;
        const row = Math.floor(source / taps);
        const input = Math.floor(row / outPerGroup);
        const channel = Math.floor(input / inputs) * outPerGroup + (row % outPerGroup);
        place(source, channel, input % inputs, tap);
      }
      break;
    }
    case '*IO':
    case 'IO-flat':
      for (let source = 0; source < stored.length; source++) {
        const row = Math.floor(source / channels);
        place(source, source % channels, row % inputs, Math.floor(row / inputs));
      }
      break;
    case 'O*I':
      for (let source = 0; source < stored.length; source++) {
        const row = Math.floor(source / inputs);
        place(source, Math.floor(row / taps), source % inputs, row % taps);
      }
      break;
  }
  return { channels, reduction, taps, groups, values };
}

function kernelOf(conv: ConvLayer): readonly number[] {
  switch (conv.layout) {
    case '*IO':
      return conv.weight.shape.slice(0, -2);
    case 'O*I':
      return conv.weight.shape.slice(1, -1);
    default:
      return [];
  }
}
