import { stridedExtent } from '../../../bytes/stridedValues';
import { ModelFormatError } from '../../../errors';
import { contiguousStrides, elementCount, type Tensor } from '../../../model/tensor';
import type { ZipArchive } from '../../zip/readZip';
import { zipDataRange } from '../../zip/zipContent';
import { STORED } from '../../zip/zipEntry';
import type { ElementType } from '../storageTypes';
import { countOf, entriesOf, fieldOf, listOf, textOf } from './json';

/** Numbers of element types in the schema of exported programs. */
const elementTypes: ReadonlyMap<unknown, ElementType> = new Map([
  [1, { dtype: 'u8', itemBytes: 1 }],
  [2, { dtype: 'i8', itemBytes: 1 }],
  [3, { dtype: 'i16', itemBytes: 2 }],
  [4, { dtype: 'i32', itemBytes: 4 }],
  [5, { dtype: 'i64', itemBytes: 8 }],
  [6, { dtype: 'f16', itemBytes: 2 }],
  [7, { dtype: 'f32', itemBytes: 4 }],
  [8, { dtype: 'f64', itemBytes: 8 }],
  [12, { dtype: 'bool', itemBytes: 1 }],
  [13, { dtype: 'bf16', itemBytes: 2 }],
]);

const MAX_RANK = 64;

/**
 * The tensors that a weights or constants configuration lists, by their names in the program. One whose bytes are
 * not plainly in the archive is `absent`.
 * @throws ModelFormatError when a tensor does not fit the entry that holds it.
 */
export function exportTensors(archive: ZipArchive, folder: string, config: unknown): Tensor[] {
  return entriesOf(fieldOf(config, 'config')).map(([name, description]) => {
    const meta = fieldOf(description, 'tensor_meta');
    const type = elementTypes.get(fieldOf(meta, 'dtype')) ?? { dtype: 'other', itemBytes: 0 };
    const shape = countsOf(fieldOf(meta, 'sizes'), name);
    const strides = countsOf(fieldOf(meta, 'strides'), name);
    const { dtype } = type;
    const entry = archive.entriesByName.get(
      `${folder}${textOf(fieldOf(description, 'path_name')) ?? ''}`,
    );
    const isPlain = fieldOf(description, 'use_pickle') !== true && dtype !== 'other';
    if (entry?.method !== STORED || !isPlain || strides.length !== shape.length) {
      const location = { kind: 'absent', why: 'its bytes are not plainly in the archive' } as const;
      return { name, dtype, shape, strides: contiguousStrides(shape), location };
    }
    const range = zipDataRange(archive, entry);
    const start = (countOf(fieldOf(meta, 'storage_offset')) ?? 0) * type.itemBytes;
    const length = stridedExtent(shape, strides) * type.itemBytes;
    const isInside = start + length <= range.length && Number.isSafeInteger(elementCount(shape));
    if (!isInside) {
      throw new ModelFormatError(
        `${name} takes ${length} bytes from ${start} of an entry of ${range.length}`,
        range.offset,
      );
    }
    const location = { kind: 'range', source: 0, offset: range.offset + start, length } as const;
    return { name, dtype, shape, strides, location };
  });
}

function countsOf(value: unknown, name: string): number[] {
  const counts = listOf(value).map(countOf);
  if (counts.length > MAX_RANK || !counts.every((count) => count !== undefined)) {
    throw new ModelFormatError(`the program does not say the shape of ${name}`);
  }
  return counts;
}
