import { decodeUtf8 } from '../../../bytes/utf8';
import type { AttributeValue } from '../../../model/network';
import { contiguousStrides, type DType } from '../../../model/tensor';
import { elementTypeOf } from '../elementTypes';
import type { Draft, TensorRecord } from '../records';
import { fieldNumbers } from '../fieldNumbers';
import type { Decoded } from '../schema';
import { asMessage, fieldsOf, type FieldSpan, type MessageSpan } from '../wire/fields';
import { cost, LIST_ELEMENTS_PER_UNIT, MAX_LIGHT_BYTES } from './limits';
import { readLight } from './readLight';
import { readTensor, type TensorContext } from './readTensor';

const numbers = fieldNumbers.attribute;
const singleFields: ReadonlySet<number> = new Set([
  numbers.name,
  numbers.refAttrName,
  numbers.type,
  numbers.f,
  numbers.i,
]);
/** `s` may be an embedded engine, lists may be a forest of decision trees: looked at only while they are short. */
const lengthyFields: ReadonlySet<number> = new Set([
  numbers.s,
  numbers.floats,
  numbers.ints,
  numbers.strings,
]);

/** AttributeProto.AttributeType. */
const kinds: Readonly<Record<number, AttributeValue['kind'] | 'graph'>> = {
  1: 'float',
  2: 'int',
  3: 'string',
  4: 'tensor',
  5: 'graph',
  6: 'floats',
  7: 'ints',
  8: 'strings',
  10: 'graph',
};

/** The first IR version wrote no `type`: there the field that is present tells. */
const kindByField = new Map<number, AttributeValue['kind'] | 'graph'>([
  [numbers.f, 'float'],
  [numbers.i, 'int'],
  [numbers.s, 'string'],
  [numbers.t, 'tensor'],
  [numbers.g, 'graph'],
  [numbers.floats, 'floats'],
  [numbers.ints, 'ints'],
  [numbers.strings, 'strings'],
  [numbers.graphs, 'graph'],
]);

export interface ReadAttribute {
  readonly name: string;
  readonly value: AttributeValue;
  readonly span: MessageSpan;
  readonly tensor: Draft<TensorRecord> | null;
  /** Bodies to be read by the caller, who knows the depth. */
  readonly graphs: readonly MessageSpan[];
}

/** Reads an AttributeProto. Tensors are read by their heads, also those nobody looks at: they may be external. */
export function readAttribute(ctx: TensorContext, span: MessageSpan): ReadAttribute {
  ctx.budget.take(cost.attribute, span.start);
  const light: FieldSpan[] = [];
  const present = new Set<number>();
  const graphs: MessageSpan[] = [];
  let lengthyBytes = 0;
  let tensor: Draft<TensorRecord> | null = null;
  for (const field of fieldsOf(ctx.reader, span)) {
    present.add(field.number);
    if (singleFields.has(field.number)) light.push(field);
    else if (lengthyFields.has(field.number)) {
      lengthyBytes += field.end - field.start;
      if (lengthyBytes <= MAX_LIGHT_BYTES) light.push(field);
    } else if (field.number === numbers.t) tensor = readTensor(ctx, asMessage(field, span));
    else if (field.number === numbers.tensors) readTensor(ctx, asMessage(field, span));
    else if (field.number === numbers.sparseTensor || field.number === numbers.sparseTensors) {
      readSparseTensor(ctx, asMessage(field, span));
    } else if (field.number === numbers.g || field.number === numbers.graphs) {
      graphs.push(asMessage(field, span));
    }
  }
  const isLengthy = lengthyBytes > MAX_LIGHT_BYTES;
  const head = readLight(
    ctx,
    'Attribute',
    span,
    isLengthy ? light.filter(({ number }) => !lengthyFields.has(number)) : light,
  );
  const value = isLengthy ? ({ kind: 'other' } as const) : valueOf(head, present, tensor);
  const elements = head.floats.length + head.ints.length + head.strings.length;
  ctx.budget.take(Math.floor(elements / LIST_ELEMENTS_PER_UNIT), span.start);
  return { name: ctx.names.one(head.name ?? ''), value, span, tensor, graphs };
}

/** Reads both tensors of a SparseTensorProto for their external data, and gives the name of the values. */
export function readSparseTensor(ctx: TensorContext, span: MessageSpan): string {
  let name = '';
  for (const field of fieldsOf(ctx.reader, span)) {
    if (field.number === fieldNumbers.sparseTensor.values) {
      name = readTensor(ctx, asMessage(field, span)).valueName;
    } else if (field.number === fieldNumbers.sparseTensor.indices) {
      readTensor(ctx, asMessage(field, span));
    }
  }
  return name;
}

function valueOf(
  head: Decoded['Attribute'],
  present: ReadonlySet<number>,
  tensor: TensorRecord | null,
): AttributeValue {
  if (head.refAttrName !== undefined && head.refAttrName !== '') {
    return { kind: 'ref', value: head.refAttrName };
  }
  const byField = [...kindByField].find(([field]) => present.has(field))?.[1];
  const kind = head.type === undefined || head.type === 0 ? byField : kinds[head.type];
  switch (kind) {
    case 'float':
      return { kind, value: head.f ?? 0 };
    case 'int':
      return { kind, value: head.i ?? 0 };
    case 'string':
      return { kind, value: decodeUtf8(head.s ?? new Uint8Array()) };
    case 'floats':
      return { kind, value: head.floats };
    case 'ints':
      return { kind, value: head.ints };
    case 'strings':
      return { kind, value: head.strings.map(decodeUtf8) };
    case 'tensor':
      return tensor === null ? { kind: 'other' } : { kind, value: tensor.tensor };
    case 'graph':
    case 'ref':
    case 'other':
    case undefined:
      return { kind: 'other' };
  }
}

/** A Constant's plain numbers (`value_float` …) as the tensor they stand for; null for other attributes. */
export function constantOfNumbers({
  name,
  value,
  span,
}: ReadAttribute): Draft<TensorRecord> | null {
  const dtype = numericConstants.get(name);
  if (dtype === undefined) return null;
  const isList = value.kind === 'floats' || value.kind === 'ints';
  if (!isList && value.kind !== 'float' && value.kind !== 'int') return null;
  const shape = isList ? [value.value.length] : [];
  const strides = contiguousStrides(shape);
  return {
    tensor: { name, dtype, shape, strides, location: { kind: 'encoded' } },
    valueName: name,
    elementType: elementTypeOf(dtype),
    span,
    form: 'attribute',
    isExternal: false,
    dataFile: null,
  };
}

const numericConstants = new Map<string, DType>([
  ['value_float', 'f32'],
  ['value_floats', 'f32'],
  ['value_int', 'i64'],
  ['value_ints', 'i64'],
]);
