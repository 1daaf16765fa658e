import type { WeightAxis } from '../model/fold';
import type { ConvLayer } from '../model/layer';
import { reason, type Reason } from '../model/reason';
import { contiguousStrides, elementCount, type Tensor } from '../model/tensor';

/** What the walk over a weight depends on. */
export type WeightStorage = Pick<ConvLayer, 'weight' | 'layout' | 'groups'>;

/** How a weight lies in storage, or why no fold can be written into it. */
export type WeightAxesResult =
  | { readonly kind: 'axes'; readonly axes: readonly WeightAxis[] }
  | { readonly kind: 'refused'; readonly reason: Reason };

/**
 * The axes of a weight, slowest in storage first, whatever its layout and strides (channels_last, permuted, with
 * gaps). Reduction positions count input channel of the group first, kernel tap second, in every layout.
 * Weights that use one stored element in several places are refused.
 */
export function weightAxes(conv: WeightStorage): WeightAxesResult {
  const { weight, layout } = conv;
  const refuse = (why: string): WeightAxesResult => ({
    kind: 'refused',
    reason: reason('TENSOR_UNREADABLE', weight.name, why),
  });
  if (weight.shape.length < 2 || weight.strides.length !== weight.shape.length) {
    return refuse(
      `a weight of shape [${weight.shape.join(', ')}] has no input and output channels`,
    );
  }
  if (layout === 'IO-flat' && !isContiguous(weight)) {
    return refuse('spconv uses it as a matrix, which its strides do not allow');
  }
  const axes = logicalAxes(conv)
    .filter((axis) => axis.count !== 1)
    .toSorted((a, b) => b.stride - a.stride);
  if (axes.some((axis) => axis.count === 0)) return { kind: 'axes', axes: [] };
  return overlaps(axes)
    ? refuse('it uses one stored element in several places')
    : { kind: 'axes', axes };
}

/** Elements of storage from the first to behind the last one that belongs to the tensor. */
export function storageExtent(tensor: Tensor): number {
  if (elementCount(tensor.shape) === 0) return 0;
  return tensor.shape.reduce((end, dim, axis) => end + (dim - 1) * (tensor.strides[axis] ?? 0), 1);
}

function isContiguous(tensor: Tensor): boolean {
  const expected = contiguousStrides(tensor.shape);
  return tensor.shape.every((dim, axis) => dim === 1 || tensor.strides[axis] === expected[axis]);
}

/** The weight's axes in logical order. */
function logicalAxes({ weight, layout, groups }: WeightStorage): WeightAxis[] {
  const dims = weight.shape.map((count, axis) => ({ count, stride: weight.strides[axis] ?? 0 }));
  const rank = dims.length;
  switch (layout) {
    case 'OI*':
      return [...channels(dims.slice(0, 1)), ...inputsAndTaps(dims.slice(1, 2), dims.slice(2))];
    case 'IO*': {
      const inputs = dims
        .slice(0, 1)
        .map(({ count, stride }) => ({ count: count / groups, stride }));
      const outPerGroup = dims[1]?.count ?? 1;
      return [
        ...inputs.map((input) => ({
          count: groups,
          stride: input.stride * input.count,
          channelStep: outPerGroup,
          reductionStep: 0,
        })),
        ...channels(dims.slice(1, 2)),
        ...inputsAndTaps(inputs, dims.slice(2)),
      ];
    }
    case '*IO':
      return [
        ...inputsAndTaps(dims.slice(rank - 2, rank - 1), dims.slice(0, rank - 2)),
        ...channels(dims.slice(rank - 1)),
      ];
    case 'O*I':
      return [
        ...channels(dims.slice(0, 1)),
        ...inputsAndTaps(dims.slice(rank - 1), dims.slice(1, rank - 1)),
      ];
    case 'IO-flat': {
      const out = dims[0]?.count ?? 1;
      return [
        ...inputsAndTaps([{ count: dims.at(-1)?.count ?? 1, stride: out }], []),
        ...channels([{ count: out, stride: 1 }]),
      ];
    }
  }
}

interface Dim {
  readonly count: number;
  readonly stride: number;
}

function channels(dims: readonly Dim[]): WeightAxis[] {
  return dims.map((dim) => ({ ...dim, channelStep: 1, reductionStep: 0 }));
}

function inputsAndTaps(inputs: readonly Dim[], taps: readonly Dim[]): WeightAxis[] {
  const dims = [...inputs, ...taps];
  const steps = contiguousStrides(dims.map((dim) => dim.count));
  return dims.map((dim, axis) => ({ ...dim, channelStep: 0, reductionStep: steps[axis] ?? 1 }));
}

/** Whether two places of the tensor share a stored element; `axes` run from the slowest to the fastest. */
function overlaps(axes: readonly WeightAxis[]): boolean {
  let extent = 1;
  for (const axis of axes.toReversed()) {
    if (axis.stride < extent) return true;
    extent += (axis.count - 1) * axis.stride;
  }
  return false;
}
