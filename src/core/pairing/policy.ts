import type { ConvLayer } from '../model/layer';
import type { Policy } from '../model/pair';

/** Kinds of convolutions that policies tell apart. */
export type ConvFamily =
  'conv1d' | 'conv2d' | 'conv3d' | 'transposed' | 'linear' | 'deformable' | 'sparse';

/**
 * What each policy folds. `bevfusion` is NVIDIA's recipe: Conv2d, QuantConv2d and the sparse convolutions;
 * it leaves Conv1d heads and transposed convolutions alone, and so do the engines built after it.
 */
const foldedFamilies: Readonly<Record<Policy, ReadonlySet<ConvFamily>>> = {
  bevfusion: new Set(['conv2d', 'sparse']),
  all: new Set(['conv1d', 'conv2d', 'conv3d', 'transposed', 'linear', 'deformable', 'sparse']),
};

/** Whether `policy` folds a BatchNorm into this convolution when nothing else speaks against it. */
export function isFoldedBy(policy: Policy, conv: ConvLayer): boolean {
  return foldedFamilies[policy].has(convFamily(conv));
}

/** Family of a convolution, from its layout and kernel; the type's name tells deformable ones only. */
export function convFamily(conv: ConvLayer): ConvFamily {
  if (conv.type.includes('Deform')) return 'deformable';
  if (conv.layout === '*IO' || conv.layout === 'O*I' || conv.layout === 'IO-flat') return 'sparse';
  if (conv.kernel.length === 0) return 'linear';
  if (conv.layout === 'IO*') return 'transposed';
  if (conv.kernel.length === 1) return 'conv1d';
  return conv.kernel.length === 2 ? 'conv2d' : 'conv3d';
}
