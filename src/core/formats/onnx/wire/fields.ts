import { ModelFormatError } from '../../../errors';
import type { WireReader } from './wireReader';

/** How protobuf encodes a field's payload. Groups, which ONNX never used, are refused. */
export const wireTypes = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

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
  reader.position = start;
  const tag = reader.varint();
  const number = Math.floor(tag / 8);
  const wireType = tag % 8;
  if (number === 0 || tag >= 2 ** 32) {
    throw new ModelFormatError(`the ONNX file is damaged: ${tag} is no field tag`, start);
  }
  const lengthAt = reader.position;
  let from = lengthAt;
  let end: number;
  switch (wireType) {
    case wireTypes.varint:
      reader.varint();
      end = reader.position;
      break;
    case wireTypes.fixed64:
      end = from + 8;
      break;
    case wireTypes.delimited: {
      const length = reader.varint();
      from = reader.position;
      end = from + length;
      break;
    }
    case wireTypes.fixed32:
      end = from + 4;
      break;
    default:
      throw new ModelFormatError(
        `the ONNX file is damaged: field ${number} has wire type ${wireType}, which ONNX does not use`,
        start,
      );
  }
  if (end > messageEnd) {
    throw new ModelFormatError(
      `the ONNX file is cut short or damaged: field ${number} claims ${end - from} bytes, but ${Math.max(0, messageEnd - from)} are left`,
      start,
    );
  }
  return { number, wireType, start, lengthAt, from, end };
}
