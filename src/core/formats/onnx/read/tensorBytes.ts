import { encodeFloats } from '../../../bytes/floats';
import { ModelFormatError } from '../../../errors';
import { elementCount, itemSize, type DType } from '../../../model/tensor';
import type { TensorRecord } from '../records';
import { fieldNumbers } from '../fieldNumbers';
import { decodeMessage } from '../schema';
import { fieldsOf, wireTypes, type FieldSpan } from '../wire/fields';
import type { WireReader } from '../wire/wireReader';

const numbers = fieldNumbers.tensor;

/** The typed data field an element type is kept in, as onnx.proto lays down. */
const fieldOfDType: Readonly<Record<DType, number>> = {
  f32: numbers.floatData,
  f64: numbers.doubleData,
  f16: numbers.int32Data,
  bf16: numbers.int32Data,
  i64: numbers.int64Data,
  i32: numbers.int32Data,
  i16: numbers.int32Data,
  i8: numbers.int32Data,
  u8: numbers.int32Data,
  bool: numbers.int32Data,
  other: 0,
};

/**
 * Elements of a tensor whose values are kept encoded, as the little-endian bytes `raw_data` would hold.
 * @throws ModelFormatError when there are fewer or more values than its shape says.
 */
export function decodeTensorBytes(reader: WireReader, record: TensorRecord): Uint8Array {
  const { tensor, span } = record;
  const { dtype, name, shape } = tensor;
  if (itemSize[dtype] === 0) {
    throw new ModelFormatError(`the values of ${name} cannot be read as numbers`, span.start);
  }
  if (record.form === 'attribute') return attributeBytes(reader, record);
  const bytes = new Uint8Array(elementCount(shape) * itemSize[dtype]);
  let at = 0;
  for (const field of fieldsOf(reader, span)) {
    if (field.number !== fieldOfDType[dtype]) continue;
    at =
      dtype === 'f32' || dtype === 'f64'
        ? appendFixed(reader, field, bytes, at, name)
        : appendVarints(reader, field, bytes, at, itemSize[dtype], name);
  }
  if (at !== bytes.length) throw wrongCount(name, span.start);
  return bytes;
}

function attributeBytes(reader: WireReader, { tensor, span }: TensorRecord): Uint8Array {
  const head = decodeMessage('Attribute', reader.bytes(span.from, span.end), span.from);
  if (tensor.dtype === 'f32') {
    const values = tensor.shape.length === 0 ? [head.f ?? 0] : head.floats;
    return encodeFloats(Float64Array.from(values), 'f32');
  }
  const values = tensor.shape.length === 0 ? [head.i ?? 0] : head.ints;
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
}

function appendFixed(
  reader: WireReader,
  { from, end }: FieldSpan,
  bytes: Uint8Array,
  at: number,
  name: string,
): number {
  if (at + end - from > bytes.length) throw wrongCount(name, from);
  bytes.set(reader.bytes(from, end), at);
  return at + end - from;
}

/** Appends the lowest `size` bytes of each number; negative ones are sign-extended to 64 bits on the wire. */
function appendVarints(
  reader: WireReader,
  { wireType, lengthAt, from, end }: FieldSpan,
  bytes: Uint8Array,
  start: number,
  size: number,
  name: string,
): number {
  let at = start;
  reader.position = wireType === wireTypes.delimited ? from : lengthAt;
  while (reader.position < end) {
    if (at + size > bytes.length) throw wrongCount(name, from);
    const { low, high } = reader.varint64();
    for (let idx = 0; idx < size; idx++) {
      bytes[at + idx] = idx < 4 ? low >>> (8 * idx) : high >>> (8 * (idx - 4));
    }
    at += size;
  }
  return at;
}

function wrongCount(name: string, at: number): ModelFormatError {
  return new ModelFormatError(`tensor ${name} does not hold as many values as its shape says`, at);
}
