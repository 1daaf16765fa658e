import { ModelFormatError } from '../errors';
import type { BatchNormLayer } from '../model/layer';
import type { OpenedModel } from '../model/openedModel';
import { elementCount, type Tensor } from '../model/tensor';
import { MAX_CHANNELS } from './limits';
import { isUntrained } from './untrained';

/** A BatchNorm with its vectors in float64, all [C]. */
export interface Norm {
  readonly layer: BatchNormLayer;
  /** Place in the order in which the file registers its layers. */
  readonly order: number;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
  /** Whether the running statistics hold what training left there. */
  readonly isTrained: boolean;
}

/** Reads a BatchNorm's vectors; null when they are missing, of different lengths or not numbers. */
export function readNorm(model: OpenedModel, layer: BatchNormLayer, order: number): Norm | null {
  const mean = readVector(model, layer.mean);
  const variance = readVector(model, layer.variance);
  if (mean === null || variance === null || mean.length === 0) return null;
  const gamma = layer.gamma === null ? ones(mean.length) : readVector(model, layer.gamma);
  const beta = layer.beta === null ? new Float64Array(mean.length) : readVector(model, layer.beta);
  if (gamma === null || beta === null) return null;
  const isComplete = [variance, gamma, beta].every(({ length }) => length === mean.length);
  if (!isComplete) return null;
  return { layer, order, mean, variance, gamma, beta, isTrained: !isUntrained(mean, variance) };
}

/**
 * Standard deviation of the BatchNorm's output, per channel: |gamma| · √(var / (var + eps)). Its mean is beta. The
 * shrinking matters where a channel's variance is not far above eps.
 */
export function outputStd(norm: Norm, eps: number): Float64Array {
  return norm.gamma.map((gamma, channel) => {
    const variance = Math.max(norm.variance[channel] ?? 0, 0);
    return Math.abs(gamma) * Math.sqrt(variance / (variance + eps));
  });
}

/** Mean square below which a channel's values are next to none: a BatchNorm's eps is ten million times as much. */
const DEAD_POWER = 1e-12;

/**
 * Whether a channel has died: weight decay has brought its values to nothing. Its mean is what the last decaying
 * batches left, often a subnormal number of either sign, and says nothing about the weights of today.
 */
export function isDead(mean: number, variance: number): boolean {
  return mean * mean + variance < DEAD_POWER;
}

/** A small tensor's values, or null when the file does not hold them as numbers, or it is longer than any layer's. */
export function readVector(model: OpenedModel, tensor: Tensor): Float64Array | null {
  if (tensor.location.kind === 'absent') return null;
  if (elementCount(tensor.shape) > MAX_CHANNELS) return null;
  try {
    return model.readValues(tensor);
  } catch (error) {
    // A tensor that cannot be read has a reason of its own on the pair; it only cannot testify.
    if (error instanceof ModelFormatError) return null;
    throw error;
  }
}

function ones(length: number): Float64Array {
  return new Float64Array(length).fill(1);
}
