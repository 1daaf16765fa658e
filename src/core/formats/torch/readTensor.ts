import type { ByteSource } from '../../bytes/byteSource';
import { decodeFloats } from '../../bytes/floats';
import { stridedExtent, walkStrides } from '../../bytes/stridedValues';
import { ModelFormatError } from '../../errors';
import { contiguousStrides, elementCount } from '../../model/tensor';
import type { StorageTable } from './storageTable';
import type { TensorSlot } from './torchNetwork';
import type { TorchTensor } from './torchTensor';

/** What a tensor is read from. */
export interface TensorReader {
  readonly source: ByteSource;
  readonly storages: StorageTable;
}

/** An expanded tensor can claim any number of elements in a few bytes; real ones are vectors of constants. */
const MAX_EXPANDED_ELEMENTS = 2 ** 16;

/**
 * The values of a tensor in logical row-major order.
 * @throws ModelFormatError when its data are missing or are no numbers.
 */
export function readTensorValues(slot: TensorSlot, reader: TensorReader): Float64Array {
  const { tensor, view } = slot;
  const values = decodeFloats(readTensorBytes(slot, reader), tensor.dtype);
  if (tensor.location.kind === 'encoded') return values;
  const logical = new Float64Array(elementCount(view.shape));
  walkStrides(view.shape, view.strides, (position, index) => {
    logical[index] = values[position] ?? NaN;
  });
  return logical;
}

/** The bytes of a tensor's extent, gaps included; those of an `encoded` tensor in row-major order, without any. */
export function readTensorBytes({ tensor, view }: TensorSlot, reader: TensorReader): Uint8Array {
  const { location } = tensor;
  switch (location.kind) {
    case 'range':
      return reader.source.read(location.offset, location.length);
    case 'encoded':
      return rowMajorBytes(tensor.name, view, extentBytes(tensor.name, view, reader));
    case 'absent':
      throw new ModelFormatError(`the data of ${tensor.name} are not in the file`);
  }
}

function extentBytes(name: string, view: TorchTensor, reader: TensorReader): Uint8Array {
  const storage = reader.storages.find(view.storage.key);
  const length = stridedExtent(view.shape, view.strides) * view.itemBytes;
  if (storage === null) throw new ModelFormatError(`the data of ${name} are not in the file`);
  if (storage.kind === 'range') {
    return reader.source.read(storage.offset + view.byteOffset, length);
  }
  return storage.bytes.subarray(view.byteOffset, view.byteOffset + length);
}

function rowMajorBytes(name: string, view: TorchTensor, extent: Uint8Array): Uint8Array {
  const { itemBytes } = view;
  const count = elementCount(view.shape);
  const isExpanded = count * itemBytes > extent.length;
  if (isExpanded && count > MAX_EXPANDED_ELEMENTS) {
    throw new ModelFormatError(
      `${name} claims ${count} elements in ${extent.length} bytes; at most ${MAX_EXPANDED_ELEMENTS} of an expanded tensor are read`,
    );
  }
  if (view.strides.join() === contiguousStrides(view.shape).join()) return extent.slice();
  const bytes = new Uint8Array(count * itemBytes);
  walkStrides(view.shape, view.strides, (position, index) => {
    const element = extent.subarray(position * itemBytes, (position + 1) * itemBytes);
    bytes.set(element, index * itemBytes);
  });
  return bytes;
}
