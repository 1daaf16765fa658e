import { ModelFormatError } from '../../../errors';
import type { WireReader } from './wireReader';

/** How protobuf encodes a field's payload. ONNX has no groups, but a field it does not know may be one. */
export const wireTypes = {
  varint: 0,
  fixed64: 1,
  delimited: 2,
  groupStart: 3,
  groupEnd: 4,
  fixed32: 5,
} as const;

/** Groups in groups; protobuf itself gives up at a hundred. */
const MAX_GROUP_DEPTH = 32;

/** One field of a message, as byte positions in the model file. */
export interface FieldSpan {
  readonly number: number;
  readonly wireType: number;
  /** The tag's first byte. */
  readonly start: number;
  /** Behind the tag: the length prefix of a delimited field, the payload of others. */
  readonly lengthAt: number;
  /** The payload, without length prefix. */
  readonly from: number;
  readonly end: number;
}

/** A delimited field whose payload is read as a message, with the message around it. */
export interface MessageSpan extends FieldSpan {
  /** null for the model itself, which has neither tag nor length. */
  readonly parent: MessageSpan | null;
}

/** The whole file as one message. */
export function rootMessage(sizeBytes: number): MessageSpan {
  const { delimited } = wireTypes;
  return {
    number: 0,
    wireType: delimited,
    start: 0,
    lengthAt: 0,
    from: 0,
    end: sizeBytes,
    parent: null,
  };
}

/** @throws ModelFormatError when the field is a number where ONNX has a message. */
export function asMessage(field: FieldSpan, parent: MessageSpan): MessageSpan {
  if (field.wireType !== wireTypes.delimited) {
    throw new ModelFormatError(
      `the ONNX file is damaged: field ${field.number} is a number where a message belongs`,
      field.start,
    );
  }
  // Field by field: a spread costs five times as much, and files have a million of these.
  const { number, wireType, start, lengthAt, from, end } = field;
  return { number, wireType, start, lengthAt, from, end, parent };
}

/**
 * The fields of a message in file order; payloads are skipped, not read.
 * @throws ModelFormatError when a field leaves the message or its tag is impossible.
 */
export function* fieldsOf(reader: WireReader, message: MessageSpan): Generator<FieldSpan, void> {
  for (let at = message.from; at < message.end;) {
    const field = readField(reader, at, message.end);
    yield field;
    at = field.end;
  }
}

function readField(reader: WireReader, start: number, messageEnd: number): FieldSpan {
  const { number, wireType } = readTag(reader, start);
  const lengthAt = reader.position;
  const { from, end } = payloadOf(reader, number, wireType, messageEnd);
  if (end > messageEnd) {
    throw new ModelFormatError(
      `the ONNX file is cut short or damaged: field ${number} claims ${end - from} bytes, but ${Math.max(0, messageEnd - from)} are left`,
      start,
    );
  }
  return { number, wireType, start, lengthAt, from, end };
}

function readTag(reader: WireReader, start: number): { number: number; wireType: number } {
  reader.position = start;
  const tag = reader.varint();
  const number = Math.floor(tag / 8);
  if (number === 0 || tag >= 2 ** 32) {
    throw new ModelFormatError(`the ONNX file is damaged: ${tag} is no field tag`, start);
  }
  return { number, wireType: tag % 8 };
}

/** Where the payload behind the tag that was read last begins and ends; the end may lie outside the message. */
function payloadOf(
  reader: WireReader,
  number: number,
  wireType: number,
  messageEnd: number,
): { readonly from: number; readonly end: number } {
  const from = reader.position;
  switch (wireType) {
    case wireTypes.varint:
      reader.varint();
      return { from, end: reader.position };
    case wireTypes.fixed64:
      return { from, end: from + 8 };
    case wireTypes.delimited: {
      const length = reader.varint();
      return { from: reader.position, end: reader.position + length };
    }
    case wireTypes.groupStart:
      return { from, end: endOfGroup(reader, number, messageEnd) };
    case wireTypes.fixed32:
      return { from, end: from + 4 };
    default:
      throw new ModelFormatError(
        `the ONNX file is damaged: field ${number} has the impossible wire type ${wireType}`,
        from,
      );
  }
}

/** Behind the end tag of the group whose start tag was read last. */
function endOfGroup(reader: WireReader, number: number, messageEnd: number): number {
  const open = [number];
  for (let at = reader.position; at < messageEnd;) {
    const field = readTag(reader, at);
    if (field.wireType === wireTypes.groupEnd) {
      if (open.pop() !== field.number) break;
      if (open.length === 0) return reader.position;
      at = reader.position;
    } else if (field.wireType === wireTypes.groupStart && open.length < MAX_GROUP_DEPTH) {
      open.push(field.number);
      at = reader.position;
    } else if (field.wireType === wireTypes.groupStart) {
      break;
    } else {
      at = payloadOf(reader, field.number, field.wireType, messageEnd).end;
    }
  }
  throw new ModelFormatError(
    `the ONNX file is cut short or damaged: the group of field ${number} has no end`,
    reader.position,
  );
}
