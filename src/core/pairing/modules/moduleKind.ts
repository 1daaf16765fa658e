import type { Module } from '../../model/network';
import type { Tensor } from '../../model/tensor';

/**
 * What a module does, as far as pairing cares. `passive` changes nothing in inference (Identity, Dropout);
 * `parameters` holds tensors of a layer of another kind; `container` holds modules only.
 */
export type ModuleKind =
  'conv' | 'linear' | 'norm' | 'activation' | 'passive' | 'operator' | 'parameters' | 'container';

/** Convolutions by name, with no room for what wraps one (`Conv2dReLU`): a listing shows some of them bare. */
const convClass =
  /^((Quant|Lazy)?Conv(Transpose)?[123]d|(Quant)?(SubM|Sparse|SparseInverse)Conv(Transpose)?[1-4]d|SparseConvolution\w*|(Modulated)?Deform(able)?Conv2d(Pack)?)$/;
const linearClass = /Linear$/;
const batchNormClass = /BatchNorm/;
const otherNormClass = /InstanceNorm|GroupNorm|LayerNorm|LocalResponseNorm|RMSNorm/;
const passiveClass = /^(Identity|Dropout.*|AlphaDropout|FeatureAlphaDropout|DropPath|DropBlock.*)$/;
const activationClass =
  /(ReLU\d?|SiLU|Swish|Mish|GELU|CELU|ELU|SELU|Sigmoid|Tanh|Hardswish|HSwish|HSigmoid|Softplus|Softsign|Softmax|GLU|LogSigmoid|Threshold|Hardshrink|Softshrink|Tanhshrink|Activation|ACON)[a-z]*$/i;
const operatorClass =
  /Pool|Upsample|Pad[123]?d?$|PixelShuffle|PixelUnshuffle|Flatten|Unflatten|Fold$|ToDense|Interpolate|Rearrange/;

/** The kind of a module, from its class where the file says it, else from the tensors it holds. */
export function moduleKind(module: Module): ModuleKind {
  const { className, tensors } = module;
  if (className !== null) {
    if (batchNormClass.test(className)) return 'norm';
    if (otherNormClass.test(className)) return 'parameters';
    if (passiveClass.test(className)) return 'passive';
  }
  if (holdsStatistics(module) || isBareBatchNorm(module)) return 'norm';
  const weightRank = weightOf(module)?.shape.length;
  if (weightRank !== undefined && weightRank >= 3 && weightRank <= MAX_RANK) return 'conv';
  const isShapeless = tensors.size === 0 || weightRank === 0;
  if (className !== null && convClass.test(className) && isShapeless) return 'conv';
  if (weightRank === 2) {
    return className === null || linearClass.test(className) ? 'linear' : 'parameters';
  }
  if (className !== null && activationClass.test(className)) return 'activation';
  if (tensors.size > 0) return 'parameters';
  return className !== null && operatorClass.test(className) ? 'operator' : 'container';
}

/** Convolutions over one to three dimensions; more belongs to something else. */
const MAX_RANK = 5;

/** The weight of a layer, also of one whose weight is computed from others (weight norm, spectral norm). */
export function weightOf(module: Module): Tensor | undefined {
  const { tensors } = module;
  return tensors.get('weight') ?? tensors.get('weight_orig') ?? tensors.get('weight_v');
}

/** Whether the module keeps running statistics, as only BatchNorms do (and the InstanceNorms of old). */
export function holdsStatistics({ tensors }: Module): boolean {
  const mean = tensors.get('running_mean');
  const variance = tensors.get('running_var');
  return (
    mean?.shape.length === 1 && variance?.shape.length === 1 && mean.shape[0] === variance.shape[0]
  );
}

/** Whether a module without a class is called a BatchNorm and has its vectors, but no statistics. */
function isBareBatchNorm({ className, path, tensors }: Module): boolean {
  return (
    className === null &&
    tensors.get('weight')?.shape.length === 1 &&
    /(^|[._])(bn|batch_?norm)\d*$/i.test(path)
  );
}
