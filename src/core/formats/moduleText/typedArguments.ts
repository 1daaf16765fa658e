import { isBatchNormClass } from '../../listing/printout/layerClasses';
import type { PrintedArgument } from '../../listing/printout/printedArguments';
import type { ModuleAttribute } from '../../model/network';

/** A printed module's class and arguments, by PyTorch's names. */
export interface PrintedLayer {
  readonly className: string;
  readonly attributes: ReadonlyMap<string, ModuleAttribute>;
}

/** Gives arguments their names, and a convolution those that PyTorch leaves out when they are the default. */
export function typedArguments(
  className: string,
  printed: readonly PrintedArgument[],
): PrintedLayer {
  const attributes = new Map<string, ModuleAttribute>();
  const bare: ModuleAttribute[] = [];
  for (const { name, value } of printed) {
    if (name === null) bare.push(value);
    else if (name !== 'bias') attributes.set(name, value);
  }
  const bias = printed.find(({ name }) => name === 'bias')?.value;
  if (typeof bias === 'boolean') attributes.set('bias', bias);

  const originalName = attributes.get('original_name');
  if (typeof originalName === 'string') return { className: originalName, attributes };
  if (/Quantizer$/.test(className)) addQuantizer(attributes, bare);
  else if (isBatchNormClass(className)) addBare(attributes, bare, ['num_features']);
  else if (attributes.has('kernel_size') && bare.length >= 2) {
    addBare(attributes, bare, ['in_channels', 'out_channels']);
    addConvolutionDefaults(attributes);
  }
  return { className, attributes };
}

function addBare(
  attributes: Map<string, ModuleAttribute>,
  bare: readonly ModuleAttribute[],
  names: readonly string[],
): void {
  names.forEach((name, idx) => {
    const value = bare[idx];
    if (value !== undefined && !attributes.has(name)) attributes.set(name, value);
  });
}

function addConvolutionDefaults(attributes: Map<string, ModuleAttribute>): void {
  const kernel = attributes.get('kernel_size');
  const rank = Array.isArray(kernel) ? kernel.length : 1;
  const defaults: readonly (readonly [string, ModuleAttribute])[] = [
    ['padding', new Array<number>(rank).fill(0)],
    ['dilation', new Array<number>(rank).fill(1)],
    ['output_padding', new Array<number>(rank).fill(0)],
    ['groups', 1],
    ['padding_mode', 'zeros'],
  ];
  for (const [name, value] of defaults) {
    if (!attributes.has(name)) attributes.set(name, value);
  }
}

/** `8bit fake axis=0 amax=[0.0012, 1.2300](64) calibrator=MaxCalibrator scale=1.0 quant`: words, not a list. */
function addQuantizer(
  attributes: Map<string, ModuleAttribute>,
  words: readonly ModuleAttribute[],
): void {
  const text = words.join(', ');
  const bits = /(\d+)bit/.exec(text)?.[1];
  const axis = /axis=\(?(-?\d+)/.exec(text)?.[1];
  const channels = /amax=\[[^\]]*\]\((\d+)\)/.exec(text)?.[1];
  const amax = /amax=(-?\d[\d.e+-]*)/.exec(text)?.[1];
  if (bits !== undefined) attributes.set('num_bits', Number(bits));
  if (axis !== undefined) attributes.set('axis', Number(axis));
  if (channels !== undefined) attributes.set('amax_channels', Number(channels));
  else if (amax !== undefined) attributes.set('amax', Number(amax));
}
