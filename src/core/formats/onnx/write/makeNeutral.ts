import { decodeFloats, encodeFloats } from '../../../bytes/floats';
import { ModelFormatError } from '../../../errors';
import { isFloatDType, itemSize, type FloatDType } from '../../../model/tensor';
import { elementTypeOf } from '../elementTypes';
import type { NodeRecord } from '../records';
import { bytesPiece } from './protoPieces';
import { constantAt, storeInput } from './storeValues';
import type { WriteContext } from './writeContext';

/** Inputs of a BatchNormalization after X. */
const SCALE = 1;
const SHIFT = 2;
const MEAN = 3;
const VARIANCE = 4;

/** What a BatchNorm is to be instead. */
export interface Neutral {
  readonly eps: number;
  /** What it adds to its input, per channel. */
  readonly shift: Float64Array;
  /** Element type of what it normalises. */
  readonly dtype: FloatDType;
}

/**
 * Makes a BatchNorm pass its input on plus a shift: mean 0, variance 1 − eps, scale 1. Where eps leaves no positive
 * variance, variance 1 and scale √(1 + eps). Gives the shift as stored, rounded to its element type.
 */
export function makeNeutral(ctx: WriteContext, bn: NodeRecord, neutral: Neutral): Float64Array {
  const { eps, shift, dtype } = neutral;
  const channels = shift.length;
  const filled = (value: number): Float64Array => new Float64Array(channels).fill(value);
  const isSmall = eps < 0.5;
  store(ctx, bn, SCALE, filled(isSmall ? 1 : Math.sqrt(1 + eps)), dtype);
  store(ctx, bn, MEAN, filled(0), dtype);
  store(ctx, bn, VARIANCE, filled(isSmall ? 1 - eps : 1), dtype);
  return store(ctx, bn, SHIFT, shift, dtype);
}

/**
 * Each parameter keeps its own element type, which from opset 15 on may differ from the input's, unless that is too
 * narrow: in float16, 1 − eps and the new shift would be off by more than float32 allows.
 */
function store(
  ctx: WriteContext,
  bn: NodeRecord,
  index: number,
  values: Float64Array,
  least: FloatDType,
): Float64Array {
  const constant = constantAt(ctx, bn, index);
  const stored = constant?.tensor.tensor.dtype ?? 'other';
  if (constant === null || !isFloatDType(stored)) {
    throw new ModelFormatError(`input ${index} of ${bn.node.name} is no constant of numbers`);
  }
  const dtype = itemSize[stored] < itemSize[least] ? least : stored;
  const bytes = encodeFloats(values, dtype);
  storeInput(ctx, bn, index, {
    piece: bytesPiece(bytes),
    elementType: elementTypeOf(dtype),
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
