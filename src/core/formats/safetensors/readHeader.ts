import type { ByteSource } from '../../bytes/byteSource';
import { decodeUtf8 } from '../../bytes/utf8';
import { ModelFormatError } from '../../errors';
import {
  contiguousStrides,
  elementCount,
  itemSize,
  type DType,
  type Tensor,
} from '../../model/tensor';
import {
  jsonEntry,
  parseSpannedJson,
  type JsonArray,
  type JsonEntry,
  type JsonObject,
} from './spannedJson';

/** One file: its header as text and tree, and its tensors in the header's order. */
export interface SafetensorsFile {
  readonly source: ByteSource;
  /** Number of the file among the model's sources. */
  readonly sourceIdx: number;
  readonly headerText: string;
  readonly header: JsonObject;
  readonly tensors: readonly StoredTensor[];
}

/** A tensor, the header's entry for it, and the place of its two offsets. */
export interface StoredTensor {
  readonly tensor: Tensor;
  readonly entry: JsonEntry;
  readonly offsets: JsonArray;
  /** Bytes [begin, end) of the file. */
  readonly begin: number;
  readonly end: number;
}

/** A header of a hundred thousand tensors is some ten MB; the format itself allows 100. */
export const MAX_HEADER_BYTES = 25_000_000;
const LENGTH_BYTES = 8;
const MAX_RANK = 64;
/** The key under which the header keeps notes of its writer. */
const METADATA_KEY = '__metadata__';

const dtypes: Readonly<Record<string, DType>> = {
  F64: 'f64',
  F32: 'f32',
  F16: 'f16',
  BF16: 'bf16',
  I64: 'i64',
  I32: 'i32',
  I16: 'i16',
  I8: 'i8',
  U8: 'u8',
  BOOL: 'bool',
};

/** The names of the element types a fold can write. */
export const dtypeNames = { f64: 'F64', f32: 'F32', f16: 'F16', bf16: 'BF16' } as const;

/**
 * Reads the header of a safetensors file.
 * @throws ModelFormatError when the header is damaged, a name stands twice, tensors overlap or leave the file.
 */
export function readHeader(source: ByteSource, sourceIdx: number): SafetensorsFile {
  const headerText = readHeaderText(source);
  const header = parseSpannedJson(headerText, `the header of ${source.name}`);
  if (header.kind !== 'object') {
    throw new ModelFormatError(`the header of ${source.name} is no JSON object`);
  }
  const dataStart = LENGTH_BYTES + headerLength(source);
  const tensors = header.entries
    .filter(({ key }) => key !== METADATA_KEY)
    .map((entry) => readTensor(entry, sourceIdx, dataStart, source.sizeBytes));
  assertDistinct(tensors);
  return { source, sourceIdx, headerText, header, tensors };
}

function readHeaderText(source: ByteSource): string {
  return decodeUtf8(source.read(LENGTH_BYTES, headerLength(source)));
}

function headerLength(source: ByteSource): number {
  const bytes = source.read(0, LENGTH_BYTES);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES) || length > BigInt(source.sizeBytes - LENGTH_BYTES)) {
    throw new ModelFormatError(
      `the header of ${source.name} claims ${length} bytes, in a file of ${source.sizeBytes}; at most ${MAX_HEADER_BYTES} are read`,
      0,
    );
  }
  return Number(length);
}

function readTensor(
  entry: JsonEntry,
  source: number,
  dataStart: number,
  fileBytes: number,
): StoredTensor {
  const { key: name, value } = entry;
  const dtypeName = jsonEntry(value, 'dtype')?.value;
  const shape = counts(jsonEntry(value, 'shape')?.value);
  const offsets = jsonEntry(value, 'data_offsets')?.value;
  const [from, to] = counts(offsets) ?? [];
  const isComplete = dtypeName?.kind === 'leaf' && shape !== null && offsets?.kind === 'array';
  if (!isComplete || from === undefined || to === undefined) {
    throw new ModelFormatError(`the header does not say the dtype, shape and place of ${name}`);
  }
  const dtype = dtypes[String(dtypeName.value)] ?? 'other';
  const length = to - from;
  const expected = elementCount(shape) * itemSize[dtype];
  if (length < 0 || dataStart + to > fileBytes || (dtype !== 'other' && length !== expected)) {
    throw new ModelFormatError(
      `${name} of shape [${shape.join(', ')}] does not fit bytes ${from} to ${to} of the data`,
    );
  }
  const begin = dataStart + from;
  return {
    tensor: {
      name,
      dtype,
      shape,
      strides: contiguousStrides(shape),
      location: { kind: 'range', source, offset: begin, length },
    },
    entry,
    offsets,
    begin,
    end: begin + length,
  };
}

function counts(node: JsonEntry['value'] | undefined): number[] | null {
  if (node?.kind !== 'array' || node.items.length > MAX_RANK) return null;
  const numbers = node.items.map((item) => (item.kind === 'leaf' ? item.value : null));
  const isCounts = numbers.every((value) => Number.isSafeInteger(value) && Number(value) >= 0);
  return isCounts ? numbers.map(Number) : null;
}

function assertDistinct(tensors: readonly StoredTensor[]): void {
  const names = new Set<string>();
  for (const { tensor } of tensors) {
    if (names.has(tensor.name)) {
      throw new ModelFormatError(`the header holds ${tensor.name} twice`);
    }
    names.add(tensor.name);
  }
  const filled = tensors.filter(({ begin, end }) => end > begin);
  const sorted = filled.toSorted((a, b) => a.begin - b.begin);
  sorted.forEach(({ tensor, begin }, idx) => {
    const previous = sorted[idx - 1];
    if (previous && begin < previous.end) {
      throw new ModelFormatError(`${tensor.name} overlaps ${previous.tensor.name}`, begin);
    }
  });
}
