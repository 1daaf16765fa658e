import { ModelFormatError } from '../../../errors';
import {
  contiguousStrides,
  itemSize,
  type DType,
  type Tensor,
  type TensorLocation,
} from '../../../model/tensor';
import { dtypeOf } from '../elementTypes';
import type { Draft, TensorRecord } from '../records';
import { fieldNumbers } from '../fieldNumbers';
import type { Decoded } from '../schema';
import { fieldsOf, wireTypes, type FieldSpan, type MessageSpan } from '../wire/fields';
import type { DataFiles } from './dataFiles';
import { cost, MAX_RANK } from './limits';
import { readLight, type ReadContext } from './readLight';

const numbers = fieldNumbers.tensor;
const lightFields: ReadonlySet<number> = new Set([
  numbers.dims,
  numbers.dataType,
  numbers.name,
  numbers.externalData,
  numbers.dataLocation,
]);
const dataFields: ReadonlySet<number> = new Set([
  numbers.floatData,
  numbers.int32Data,
  numbers.stringData,
  numbers.int64Data,
  numbers.doubleData,
  numbers.uint64Data,
]);
/** A tensor has a name, a type, some dimensions and up to five entries on external data. */
const MAX_LIGHT_FIELDS = 3 * MAX_RANK;
const EXTERNAL = 1;

/** The payloads of a TensorProto, without their bytes. */
interface Payloads {
  readonly light: FieldSpan[];
  raw: FieldSpan | null;
  /** Bytes of typed data fields (`float_data` …), tags not counted, and how many fields they stand in. */
  typedBytes: number;
  typedCount: number;
  lastTyped: FieldSpan | null;
}

export interface TensorContext extends ReadContext {
  readonly dataFiles: DataFiles;
  /** Every tensor with external data is added here. */
  readonly externalTensors: TensorRecord[];
}

/**
 * Reads a TensorProto by its head; values stay where they are.
 * @throws ModelFormatError when shape, type and payload contradict each other.
 */
export function readTensor(ctx: TensorContext, span: MessageSpan): Draft<TensorRecord> {
  ctx.budget.take(cost.tensor, span.start);
  const payloads = scanPayloads(ctx, span);
  const head = readLight(ctx, 'Tensor', span, payloads.light);
  const name = ctx.names.one(head.name ?? '');
  const shape = checkShape(head.dims, name, span.start);
  const count = shape.reduce((product, dim) => product * dim, 1);
  const elementType = head.dataType ?? 0;
  const dtype = dtypeOf(elementType);
  const isExternal = head.dataLocation === EXTERNAL;
  const location = isExternal
    ? ctx.dataFiles.locate(
        name,
        head.externalData,
        itemSize[dtype] === 0 ? null : count * itemSize[dtype],
        span.start,
      )
    : locateInline(payloads, dtype, count, name, span.start);
  const tensor: Tensor = { name, dtype, shape, strides: contiguousStrides(shape), location };
  const dataFile = isExternal ? dataFileOf(ctx, head) : null;
  const record: Draft<TensorRecord> = {
    tensor,
    valueName: name,
    elementType,
    span,
    form: 'tensor',
    isExternal,
    dataFile,
  };
  if (isExternal) ctx.externalTensors.push(record);
  return record;
}

function dataFileOf(
  { dataFiles }: TensorContext,
  { externalData }: Decoded['Tensor'],
): number | null {
  const location = externalData.findLast(({ key }) => key === 'location')?.value ?? '';
  return dataFiles.numberOf(location);
}

function scanPayloads({ reader }: ReadContext, span: MessageSpan): Payloads {
  const payloads: Payloads = {
    light: [],
    raw: null,
    typedBytes: 0,
    typedCount: 0,
    lastTyped: null,
  };
  for (const field of fieldsOf(reader, span)) {
    if (lightFields.has(field.number)) {
      payloads.light.push(field);
      if (payloads.light.length > MAX_LIGHT_FIELDS) {
        throw new ModelFormatError(
          `a tensor of the ONNX file has more than ${MAX_RANK} dimensions`,
          span.start,
        );
      }
    } else if (field.number === numbers.rawData) {
      payloads.raw = field;
    } else if (dataFields.has(field.number)) {
      payloads.typedBytes += field.end - field.from;
      payloads.typedCount++;
      payloads.lastTyped = field;
    }
  }
  return payloads;
}

function checkShape(dims: readonly number[], name: string, at: number): readonly number[] {
  if (dims.length > MAX_RANK) {
    throw new ModelFormatError(
      `tensor ${name} has ${dims.length} dimensions, above ${MAX_RANK}`,
      at,
    );
  }
  let count = 1;
  for (const dim of dims) {
    count *= dim;
    if (!Number.isSafeInteger(dim) || dim < 0 || !Number.isSafeInteger(count)) {
      throw new ModelFormatError(
        `tensor ${name} has the impossible shape [${dims.join(', ')}]`,
        at,
      );
    }
  }
  return dims;
}

/** Values inside the model file: as a range where the bytes are the elements, else to be decoded. */
function locateInline(
  { raw, typedBytes, typedCount, lastTyped }: Payloads,
  dtype: DType,
  count: number,
  name: string,
  at: number,
): TensorLocation {
  const wantedBytes = count * itemSize[dtype];
  if (raw !== null && raw.wireType === wireTypes.delimited && (raw.end > raw.from || !lastTyped)) {
    checkLength(raw.end - raw.from, dtype, wantedBytes, name, at);
    return { kind: 'range', source: 0, offset: raw.from, length: raw.end - raw.from };
  }
  if (lastTyped === null) {
    return count === 0
      ? { kind: 'encoded' }
      : { kind: 'absent', why: 'the file holds no values for it' };
  }
  const isFixedWidth =
    (dtype === 'f32' && lastTyped.number === numbers.floatData) ||
    (dtype === 'f64' && lastTyped.number === numbers.doubleData);
  if (isFixedWidth) {
    checkLength(typedBytes, dtype, wantedBytes, name, at);
    return typedCount === 1
      ? { kind: 'range', source: 0, offset: lastTyped.from, length: typedBytes }
      : { kind: 'encoded' };
  }
  // A varint takes a byte at least, so fewer bytes than elements cannot be.
  if (itemSize[dtype] > 0 && typedBytes < count) {
    throw new ModelFormatError(
      `tensor ${name} holds ${typedBytes} bytes of values, too few for ${count} elements`,
      at,
    );
  }
  return { kind: 'encoded' };
}

function checkLength(
  length: number,
  dtype: DType,
  wantedBytes: number,
  name: string,
  at: number,
): void {
  if (itemSize[dtype] > 0 && length !== wantedBytes) {
    throw new ModelFormatError(
      `tensor ${name} holds ${length} bytes of values, but its shape needs ${wantedBytes}`,
      at,
    );
  }
}
