import type { BatchNormLayer, ConvLayer, WeightLayout } from '../../model/layer';
import type { ModuleAttribute } from '../../model/network';
import type { Tensor } from '../../model/tensor';
import type { ChosenReading } from './chooseReading';
import { isSparseClass, isTransposedClass } from './classNames';
import { convWeight, type ConvReading } from './convReading';
import type { Eps } from './eps/resolveEps';
import type { ModuleNode } from './moduleNode';
import { channelsOf } from './weightFamilies';

/** The convolution as a fold sees it, its weight read as was chosen; null when it has no weight at all. */
export function convLayer(
  node: ModuleNode,
  chosen: ChosenReading,
  channels: number,
): ConvLayer | null {
  const weight = convWeight(node) ?? unknownWeight(node);
  if (weight === null) return null;
  const reading =
    chosen.kind === 'none' || weight.shape.length === 0
      ? unreadWeight(node, weight, channels)
      : chosen.reading;
  const groups = groupsOf(node, reading);
  return {
    name: node.path,
    type: node.className ?? typeByShape(reading),
    weight,
    bias: node.module?.tensors.get('bias') ?? null,
    layout: reading.layout,
    groups,
    inChannels: reading.groupInChannels * groups,
    outChannels: reading.outChannels,
    kernel: reading.kernel,
  };
}

/** The BatchNorm of a node that keeps statistics; null for one that does not. */
export function batchNormLayer(node: ModuleNode, conv: ConvLayer, eps: Eps): BatchNormLayer | null {
  const tensors = node.module?.tensors;
  const mean = tensors?.get('running_mean');
  const variance = tensors?.get('running_var');
  if (tensors === undefined || mean === undefined || variance === undefined) return null;
  return {
    name: node.path,
    type: node.className ?? `BatchNorm${normRank(conv)}d`,
    channels: channelsOf(node),
    eps: eps.value,
    epsSource: eps.source,
    ...(eps.rival === null ? {} : { epsRival: eps.rival }),
    gamma: tensors.get('weight') ?? null,
    beta: tensors.get('bias') ?? null,
    mean,
    variance,
  };
}

/** Sparse features and linear ones are rows of channels, which BatchNorm1d takes. */
function normRank(conv: ConvLayer): number {
  const isSparse = conv.layout === '*IO' || conv.layout === 'O*I' || conv.layout === 'IO-flat';
  return isSparse ? 1 : Math.max(1, conv.kernel.length);
}

function typeByShape({ layout, kernel }: ConvReading): string {
  switch (layout) {
    case 'OI*':
      return kernel.length === 0 ? 'Linear' : `Conv${kernel.length}d`;
    case 'IO*':
      return `ConvTranspose${kernel.length}d`;
    case '*IO':
    case 'O*I':
    case 'IO-flat':
      return `SparseConv${kernel.length}d`;
  }
}

/** Groups by the module's own word; else by shape, where one input channel a group means depthwise. */
function groupsOf(node: ModuleNode, reading: ConvReading): number {
  const written = node.module?.attributes?.get('groups');
  if (typeof written === 'number' && written > 0) return written;
  if (reading.layout === 'IO*') return reading.groups;
  const isDepthwise =
    reading.layout === 'OI*' && reading.groupInChannels === 1 && reading.kernel.length > 0;
  // One input channel is also what an image in grey has, at the entrance of a network.
  return isDepthwise && node.order > 0 ? reading.outChannels : 1;
}

/** A listing's convolution without arguments has no weight to show; it is known to have one. */
function unknownWeight(node: ModuleNode): Tensor | null {
  if (node.className === null) return null;
  const name = node.path === '' ? 'weight' : `${node.path}.weight`;
  return { name, dtype: 'f32', shape: [], strides: [], location: { kind: 'absent' } };
}

/** What can be said of a weight whose shape is unknown or fits nothing. */
function unreadWeight(node: ModuleNode, weight: Tensor, channels: number): ConvReading {
  const className = node.className ?? '';
  const isKnown = weight.shape.length > 0;
  const layout: WeightLayout = isSparseClass(className)
    ? '*IO'
    : isTransposedClass(className)
      ? 'IO*'
      : 'OI*';
  const attribute = node.module?.attributes?.get('in_channels');
  return {
    layout,
    outChannels: isKnown ? (weight.shape[0] ?? 0) : channels,
    groupInChannels: isKnown
      ? (weight.shape[1] ?? 0)
      : typeof attribute === 'number'
        ? attribute
        : 0,
    groups: 1,
    kernel: isKnown ? weight.shape.slice(2) : kernelOf(node, className),
  };
}

function kernelOf(node: ModuleNode, className: string): readonly number[] {
  const rank = Number(/([123])d/.exec(className)?.[1] ?? 0);
  const sizes = numbersOf(node.module?.attributes?.get('kernel_size'), rank);
  return sizes ?? new Array<number>(rank).fill(0);
}

/** A per-dimension attribute as numbers: one number stands for all dimensions. */
export function numbersOf(
  value: ModuleAttribute | undefined,
  rank: number,
): readonly number[] | null {
  if (typeof value === 'number') return new Array<number>(rank).fill(value);
  if (!Array.isArray(value)) return null;
  const numbers = value.filter((item) => typeof item === 'number');
  return numbers.length === value.length ? numbers : null;
}
