import { encodeFloats } from '../../bytes/floats';
import { walkStrides } from '../../bytes/stridedValues';
import { contiguousStrides, isFloatDType, type DType, type FloatDType } from '../../model/tensor';
import { UnsupportedModelError } from '../../errors';
import {
  pickleBool,
  pickleCall,
  pickleGlobal,
  pickleInt,
  pickleNone,
  picklePersistent,
  pickleText,
  pickleTuple,
} from '../pickle/pickleBytes';
import { storageClassOf } from './storageTypes';
import type { TorchTensor } from './torchTensor';

/** What the containers do differently when they name a storage. */
export interface StorageDialect {
  readonly protocol: number;
  /** Files from before torch 1.6 end a storage's id with its view: none. */
  readonly hasView: boolean;
}

/** A tensor that has a storage of its own. */
export interface NewTensor {
  readonly key: string;
  readonly dtype: FloatDType;
  /** Elements of the storage. */
  readonly count: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** The tensor whose place, device and class it takes after. */
  readonly like: TorchTensor;
}

/** The pickle expression of a tensor, of a Parameter where `like` is one. */
export function tensorExpression(tensor: NewTensor, dialect: StorageDialect): Uint8Array {
  const { like } = tensor;
  const id = pickleTuple(
    pickleText('storage'),
    pickleGlobal('torch', storageClassOf[tensor.dtype]),
    pickleText(tensor.key),
    pickleText(like.storage.location),
    pickleInt(tensor.count),
    ...(dialect.hasView ? [pickleNone] : []),
  );
  const noHooks = pickleCall(pickleGlobal('collections', 'OrderedDict'));
  const requiresGrad = pickleBool(like.requiresGrad, dialect.protocol);
  const rebuilt = pickleCall(
    pickleGlobal('torch._utils', '_rebuild_tensor_v2'),
    picklePersistent(id),
    pickleInt(0),
    pickleTuple(...tensor.shape.map(pickleInt)),
    pickleTuple(...tensor.strides.map(pickleInt)),
    like.parameter !== null ? pickleBool(false, dialect.protocol) : requiresGrad,
    noHooks,
  );
  switch (like.parameter) {
    case null:
      return rebuilt;
    case 'class':
      return pickleCall(pickleGlobal('torch.nn.parameter', 'Parameter'), rebuilt, requiresGrad);
    case 'function': {
      const rebuilder = pickleGlobal('torch._utils', '_rebuild_parameter');
      return pickleCall(rebuilder, rebuilt, requiresGrad, noHooks);
    }
  }
}

/**
 * Storage bytes of a tensor with new values, given in logical row-major order. `old` are the bytes of its extent,
 * whose gaps stay; null when the tensor has none.
 */
export function encodeStrided(
  values: Float64Array,
  shape: readonly number[],
  strides: readonly number[],
  dtype: FloatDType,
  old: Uint8Array | null,
): Uint8Array {
  const encoded = encodeFloats(values, dtype);
  if (old === null || isRowMajor(shape, strides)) return encoded;
  const itemBytes = encoded.length / Math.max(1, values.length);
  const bytes = old.slice();
  walkStrides(shape, strides, (position, index) => {
    const element = encoded.subarray(index * itemBytes, (index + 1) * itemBytes);
    bytes.set(element, position * itemBytes);
  });
  return bytes;
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  const rowMajor = contiguousStrides(shape);
  return strides.every((stride, axis) => shape[axis] === 1 || stride === rowMajor[axis]);
}

/** @throws UnsupportedModelError when elements of this type cannot be written. */
export function floatTypeOf(tensor: { readonly name: string; readonly dtype: DType }): FloatDType {
  const { name, dtype } = tensor;
  if (isFloatDType(dtype)) return dtype;
  throw new UnsupportedModelError(`${name} holds elements that are no floating-point numbers`);
}
