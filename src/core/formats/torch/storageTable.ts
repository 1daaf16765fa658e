import { stridedExtent, overlapsItself } from '../../bytes/stridedValues';
import { ModelFormatError } from '../../errors';
import { contiguousStrides, elementCount, type Tensor } from '../../model/tensor';
import type { TorchTensor } from './torchTensor';

/** Where a storage's bytes are: in the model file, or in memory when they had to be inflated. */
export type StorageBytes =
  | { readonly kind: 'range'; readonly offset: number; readonly length: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** The storages of a container by key; null for one that is not there. */
export interface StorageTable {
  find(key: string): StorageBytes | null;
}

/**
 * The tensor under a key. A tensor that cannot be changed in place is `encoded`: one in a compressed storage, one
 * whose elements overlap (an expanded one); a tensor whose storage is missing is `absent`.
 * @throws ModelFormatError when the tensor reaches beyond its storage, or the storage is shorter than promised.
 */
export function placeTensor(name: string, view: TorchTensor, storages: StorageTable): Tensor {
  const { dtype, shape, quantized } = view;
  const kind = { name, dtype, ...(quantized === null ? {} : { quantized }) };
  const strides = [...view.strides];
  const length = stridedExtent(shape, strides) * view.itemBytes;
  const { storage, byteOffset } = view;
  const isInside = byteOffset + length <= storage.sizeBytes || length === 0;
  if (!isInside || !Number.isSafeInteger(elementCount(shape))) {
    throw new ModelFormatError(
      `${name} takes ${length} bytes from ${byteOffset} of a storage of ${storage.sizeBytes}`,
    );
  }
  const bytes = storages.find(storage.key);
  if (bytes === null) {
    return { ...kind, shape, strides, location: { kind: 'absent' } };
  }
  const stored = bytes.kind === 'range' ? bytes.length : bytes.bytes.length;
  if (stored < storage.sizeBytes) {
    throw new ModelFormatError(
      `storage ${storage.key} of ${name} has ${stored} bytes instead of ${storage.sizeBytes}`,
    );
  }
  if (bytes.kind === 'bytes' || overlapsItself(shape, strides)) {
    const rowMajor = contiguousStrides(shape);
    return { ...kind, shape, strides: rowMajor, location: { kind: 'encoded' } };
  }
  const location = { kind: 'range', source: 0, offset: bytes.offset + byteOffset, length } as const;
  return { ...kind, shape, strides, location };
}
