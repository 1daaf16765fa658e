import { ModelFormatError } from '../errors';
import type { Fold, FoldReference } from '../model/fold';
import type { OpenedModel } from '../model/openedModel';
import type { ConstantAffine, Pair } from '../model/pair';
import type { BatchNormLayer } from '../model/layer';
import { isFloatDType, type Tensor } from '../model/tensor';
import { foldVectors } from './kernels/foldVectors';
import { weightAxes } from './weightAxes';

/** y ← factor·y + shift, per channel. */
type Affine = FoldReference['between'][number];

/**
 * The numbers of one fold, all in float64 (FOLDING.md C1): scale = gamma / √(var + eps), times the constants between;
 * new bias = what the unfolded layers make of a zero. Reads the small vectors only, never the weight.
 * @throws ModelFormatError when a vector's values do not fit the channels, which pairing has excluded.
 */
export function foldPair(model: OpenedModel, pair: Pair): Fold {
  const { conv, bn } = pair;
  const channels = conv.outChannels;
  const vector = (tensor: Tensor | null, absent: number): Float64Array =>
    tensor === null
      ? new Float64Array(channels).fill(absent)
      : spread(model.readValues(tensor), channels, tensor);

  const { gamma, beta, mean, variance } = vectorsOf(bn, vector);
  const between = pair.between.map((step) =>
    step.operation === 'batchNorm'
      ? batchNormAffine(step.layer, vector)
      : affineOf(step, vector(step.constant, 0)),
  );
  const convBias = conv.bias && vector(conv.bias, 0).map((value) => value * pair.biasFactor);

  const reference: FoldReference = {
    convBias,
    between,
    gamma,
    beta,
    mean,
    variance,
    eps: bn.eps,
    biasFactor: pair.biasFactor,
  };
  const { scale, bias } = foldVectors(reference);

  const { weight } = conv;
  const walk = weightAxes(conv);
  if (walk.kind === 'refused') throw new ModelFormatError(walk.reason.message);
  if (!isFloatDType(weight.dtype)) {
    throw new ModelFormatError(
      `${weight.name} has element type ${weight.dtype}, which cannot be folded`,
    );
  }
  return {
    pair,
    weight: { dtype: weight.dtype, axes: walk.axes, scale },
    bias,
    reference,
    quantizers: pair.quantizers
      .filter(({ granularity }) => granularity === 'channel')
      .map(({ tensor }) => ({
        tensor,
        values: rescaleAmax(model.readValues(tensor), scale, tensor),
      })),
  };
}

/** One value per channel of a tensor, or of `absent` where a layer lacks it. */
type ReadVector = (tensor: Tensor | null, absent: number) => Float64Array;

function vectorsOf(bn: BatchNormLayer, vector: ReadVector) {
  return {
    gamma: vector(bn.gamma, 1),
    beta: vector(bn.beta, 0),
    mean: vector(bn.mean, 0),
    variance: vector(bn.variance, 1),
  };
}

function batchNormAffine(bn: BatchNormLayer, vector: ReadVector): Affine {
  const { gamma, beta, mean, variance } = vectorsOf(bn, vector);
  const factor = gamma.map((value, channel) => value / Math.sqrt(at(variance, channel) + bn.eps));
  const shift = beta.map((value, channel) => value - at(mean, channel) * at(factor, channel));
  return { factor, shift };
}

function affineOf(step: ConstantAffine, constant: Float64Array): Affine {
  const { operation, isConstantFirst } = step;
  const filled = (value: number): Float64Array => new Float64Array(constant.length).fill(value);
  switch (operation) {
    case 'mul':
      return { factor: constant, shift: filled(0) };
    case 'div':
      return { factor: constant.map((value) => 1 / value), shift: filled(0) };
    case 'add':
      return { factor: filled(1), shift: constant };
    case 'sub':
      return isConstantFirst
        ? { factor: filled(-1), shift: constant }
        : { factor: filled(1), shift: constant.map((value) => -value) };
  }
}

/**
 * A weight quantizer's range per channel grows with its channel. With groups, a transposed convolution's range
 * number j serves output channel j of every group, so it must hold the widest of them.
 */
function rescaleAmax(amax: Float64Array, scale: Float64Array, tensor: Tensor): Float64Array {
  if (amax.length === 0 || scale.length % amax.length !== 0) {
    throw new ModelFormatError(
      `${tensor.name} holds ${amax.length} values, which do not fit ${scale.length} channels`,
    );
  }
  const widest = new Float64Array(amax.length);
  scale.forEach((factor, channel) => {
    const idx = channel % amax.length;
    widest[idx] = Math.max(at(widest, idx), Math.abs(factor));
  });
  return amax.map((value, idx) => value * at(widest, idx));
}

/** One value per channel, of a vector of that length or of a single value. */
function spread(values: Float64Array, channels: number, tensor: Tensor): Float64Array {
  if (values.length === channels) return values;
  const [value] = values;
  if (values.length === 1 && value !== undefined) return new Float64Array(channels).fill(value);
  throw new ModelFormatError(
    `${tensor.name} holds ${values.length} values where ${channels} channels need one each`,
  );
}

function at(values: Float64Array, channel: number): number {
  return values[channel] ?? NaN;
}
