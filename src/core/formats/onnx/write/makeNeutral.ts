import { decodeFloats, encodeFloats } from '../../../bytes/floats';
import { ModelFormatError } from '../../../errors';
import { isFloatDType } from '../../../model/tensor';
import type { NodeRecord } from '../records';
import { bytesPiece } from './protoPieces';
import { constantAt, storeInput } from './storeValues';
import type { WriteContext } from './writeContext';

/** Inputs of a BatchNormalization after X. */
const SCALE = 1;
const SHIFT = 2;
const MEAN = 3;
const VARIANCE = 4;

/**
 * Makes a BatchNorm pass its input on plus `shift`: mean 0, variance 1 − eps, scale 1. Where eps leaves no positive
 * variance, variance 1 and scale √(1 + eps). Gives the shift as stored, rounded to its element type.
 */
export function makeNeutral(
  ctx: WriteContext,
  bn: NodeRecord,
  eps: number,
  shift: Float64Array,
): Float64Array {
  const channels = shift.length;
  const filled = (value: number): Float64Array => new Float64Array(channels).fill(value);
  const isSmall = eps < 0.5;
  store(ctx, bn, SCALE, filled(isSmall ? 1 : Math.sqrt(1 + eps)));
  store(ctx, bn, MEAN, filled(0));
  store(ctx, bn, VARIANCE, filled(isSmall ? 1 - eps : 1));
  return store(ctx, bn, SHIFT, shift);
}

/** Each parameter keeps its own element type: from opset 15 on they may differ. */
function store(
  ctx: WriteContext,
  bn: NodeRecord,
  index: number,
  values: Float64Array,
): Float64Array {
  const constant = constantAt(ctx, bn, index);
  const dtype = constant?.tensor.tensor.dtype ?? 'other';
  if (constant === null || !isFloatDType(dtype)) {
    throw new ModelFormatError(`input ${index} of ${bn.node.name} is no constant of numbers`);
  }
  const bytes = encodeFloats(values, dtype);
  storeInput(ctx, bn, index, {
    piece: bytesPiece(bytes),
    elementType: constant.tensor.elementType,
    shape: [values.length],
    wantedName: `${bn.node.name}.${parameterNames[index] ?? 'parameter'}`,
    isCopy: false,
  });
  return decodeFloats(bytes, dtype);
}

const parameterNames: Readonly<Record<number, string>> = {
  [SCALE]: 'scale',
  [SHIFT]: 'B',
  [MEAN]: 'mean',
  [VARIANCE]: 'var',
};
