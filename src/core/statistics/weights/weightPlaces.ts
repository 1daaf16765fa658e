import type { WeightAxis } from '../../model/fold';
import type { ConvLayer, WeightLayout } from '../../model/layer';
import { contiguousStrides, elementCount } from '../../model/tensor';

/**
 * How a weight tensor's elements map to (output channel, input of the group, tap).
 * `axes` walk the tensor in storage order; their `reductionStep` counts input · taps + tap.
 */
export interface WeightPlaces {
  readonly axes: readonly WeightAxis[];
  readonly outChannels: number;
  /** Inputs that one output channel sees. */
  readonly inputs: number;
  /** Kernel extents; [] for linear layers. */
  readonly kernel: readonly number[];
}

/**
 * Places of a convolution's weight, read as `layout` (the layer's own unless another is tried) with `strides`
 * (the tensor's own, or row-major ones for values that come decoded). Null when the shape does not fit the layout.
 */
export function weightPlaces(
  conv: ConvLayer,
  strides: readonly number[],
  layout: WeightLayout = conv.layout,
): WeightPlaces | null {
  const { shape } = conv.weight;
  if (shape.length < 2) return null;
  const axis = (index: number, channelStep: number, reductionStep: number): WeightAxis => ({
    count: shape[index] ?? 1,
    stride: strides[index] ?? 1,
    channelStep,
    reductionStep,
  });
  const kernelAxes = kernelAxisIndices(layout, shape.length);
  const kernel = kernelAxes.map((index) => shape[index] ?? 1);
  const taps = elementCount(kernel);
  const tapSteps = contiguousStrides(kernel);
  const spatial = kernelAxes.map((index, place) => axis(index, 0, tapSteps[place] ?? 1));
  const last = shape.length - 1;
  const dim = (index: number): number => shape[index] ?? 1;
  const found = (outChannels: number, inputs: number, axes: WeightAxis[]): WeightPlaces => ({
    axes: axes.toSorted((a, b) => b.stride - a.stride),
    outChannels,
    inputs,
    kernel,
  });
  switch (layout) {
    case 'OI*':
      return found(dim(0), dim(1), [axis(0, 1, 0), axis(1, 0, taps), ...spatial]);
    case 'O*I':
      return found(dim(0), dim(last), [axis(0, 1, 0), axis(last, 0, taps), ...spatial]);
    case '*IO':
      return found(dim(last), dim(last - 1), [
        axis(last, 1, 0),
        axis(last - 1, 0, taps),
        ...spatial,
      ]);
    case 'IO*': {
      const inputs = dim(0) / conv.groups;
      if (!Number.isInteger(inputs)) return null;
      const step = strides[0] ?? 1;
      const outPerGroup = dim(1);
      return found(outPerGroup * conv.groups, inputs, [
        { count: conv.groups, stride: step * inputs, channelStep: outPerGroup, reductionStep: 0 },
        { count: inputs, stride: step, channelStep: 0, reductionStep: taps },
        axis(1, 1, 0),
        ...spatial,
      ]);
    }
    case 'IO-flat': {
      // Stored as [out, 1…, in], used as view(in, out): only a row-major tensor can be viewed so.
      const isRowMajor = contiguousStrides(shape).every(
        (stride, index) => dim(index) === 1 || stride === strides[index],
      );
      if (taps !== 1 || !isRowMajor) return null;
      const [outputs, inputs] = [dim(0), dim(last)];
      return found(outputs, inputs, [
        { count: inputs, stride: outputs, channelStep: 0, reductionStep: 1 },
        { count: outputs, stride: 1, channelStep: 1, reductionStep: 0 },
      ]);
    }
  }
}

function kernelAxisIndices(layout: WeightLayout, rank: number): number[] {
  const first = layout === 'OI*' || layout === 'IO*' ? 2 : layout === '*IO' ? 0 : 1;
  const count = Math.max(rank - 2, 0);
  return Array.from({ length: count }, (_, place) => first + place);
}
