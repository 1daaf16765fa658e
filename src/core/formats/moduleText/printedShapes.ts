import { isBatchNormClass, isSparseConvolutionClass } from '../../listing/printout/layerClasses';
import type { ModuleAttribute } from '../../model/network';
import type { PrintedLayer } from './typedArguments';

/** Leaf name and shape of a tensor that a printed module must have. `[]` also stands for "unknown". */
export type PrintedShape = readonly [leaf: string, shape: readonly number[]];

/** Tensors that follow from a module's printed class and arguments; `printedModules` says which. */
export function printedShapes(
  layer: PrintedLayer,
  path: string,
  parent: PrintedLayer | null,
): PrintedShape[] {
  const { className, attributes } = layer;
  if (className === 'ParametrizationList') {
    return path.endsWith('.weight') ? [['original0', []]] : [];
  }
  if (/Quantizer$/.test(className)) return quantizerShapes(layer, parent);
  if (isBatchNormClass(className)) return batchNormShapes(layer);
  const weight = weightShape(layer);
  if (weight === null) return [];
  const shapes: PrintedShape[] = className.startsWith('Parametrized') ? [] : [['weight', weight]];
  const out = sizeOf(attributes.get('out_channels') ?? attributes.get('out_features'));
  if (out !== null && attributes.get('bias') !== false) shapes.push(['bias', [out]]);
  return shapes;
}

/** Shape of a weight in the layout of its class; `[]` when the text does not tell; null for modules without one. */
function weightShape({ className, attributes }: PrintedLayer): readonly number[] | null {
  const ins = sizeOf(attributes.get('in_channels') ?? attributes.get('in_features'));
  const out = sizeOf(attributes.get('out_channels') ?? attributes.get('out_features'));
  if (ins === null || out === null) return isSparseConvolutionClass(className) ? [] : null;
  if (attributes.has('in_features')) return [out, ins];
  const kernel = sizesOf(attributes.get('kernel_size'));
  const groups = sizeOf(attributes.get('groups')) ?? 1;
  if (kernel === null || groups === 0) return [];
  if (isSparseConvolutionClass(className)) return [out, ...kernel, ins];
  const isTransposed = /Transpose/.test(className);
  const shape = isTransposed ? [ins, out / groups, ...kernel] : [out, ins / groups, ...kernel];
  // A lazy layer prints 0 input channels; a count that the groups do not divide tells nothing either.
  return shape.every((size) => Number.isSafeInteger(size) && size > 0) ? shape : [];
}

function batchNormShapes({ className, attributes }: PrintedLayer): PrintedShape[] {
  const channels = sizeOf(attributes.get('num_features'));
  if (channels === null) return [];
  const shapes: PrintedShape[] = [];
  if (attributes.get('affine') !== false) {
    shapes.push(['weight', [channels]]);
    if (attributes.get('bias') !== false) shapes.push(['bias', [channels]]);
  }
  if (attributes.get('track_running_stats') !== false) {
    shapes.push(['running_mean', [channels]], ['running_var', [channels]]);
    if (!/Frozen/.test(className)) shapes.push(['num_batches_tracked', []]);
  }
  return shapes;
}

/** pytorch_quantization keeps one amax, or one per channel with the other dimensions 1. */
function quantizerShapes(
  { attributes }: PrintedLayer,
  parent: PrintedLayer | null,
): PrintedShape[] {
  const channels = sizeOf(attributes.get('amax_channels'));
  if (channels === null) return attributes.has('amax') ? [['_amax', []]] : [];
  const rank = parent === null ? 0 : (weightShape(parent)?.length ?? 0);
  const axis = Number(attributes.get('axis') ?? 0);
  const shape = new Array<number>(Math.max(rank, 1)).fill(1);
  return [['_amax', axis in shape ? shape.with(axis, channels) : [channels]]];
}

function sizeOf(value: ModuleAttribute | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function sizesOf(value: ModuleAttribute | undefined): number[] | null {
  const items = Array.isArray(value) ? value : [value];
  const sizes = items.filter((item) => typeof item === 'number' && Number.isSafeInteger(item));
  return sizes.length === items.length && sizes.length > 0 ? sizes : null;
}
