import { ModelFormatError } from '../../../errors';
import { decodeMessage, type Decoded, type MessageName } from '../schema';
import { wireTypes, type FieldSpan, type MessageSpan } from '../wire/fields';
import type { WireReader } from '../wire/wireReader';
import { MAX_LIGHT_BYTES, type Budget } from './limits';
import type { NamePool } from './namePool';

/** What every reading function works with. */
export interface ReadContext {
  readonly reader: WireReader;
  readonly budget: Budget;
  readonly names: NamePool;
}

/** Below this a message is decoded whole; above it, only its light fields are fetched. */
const WHOLE_MESSAGE_BYTES = 1024;

/**
 * Decodes a message by its `light` fields, the names and numbers beside heavy payloads.
 * @throws ModelFormatError when a light field is longer than `MAX_LIGHT_BYTES`: names never are.
 */
export function readLight<Name extends MessageName>(
  { reader, budget }: ReadContext,
  name: Name,
  message: MessageSpan,
  light: readonly FieldSpan[],
): Decoded[Name] {
  const length = message.end - message.from;
  if (length <= WHOLE_MESSAGE_BYTES) {
    budget.decode(length, message.start);
    return decodeMessage(name, reader.bytes(message.from, message.end), message.from);
  }
  for (const { from, end, start, wireType } of light) {
    const isText = wireType === wireTypes.delimited;
    if (isText && end - from > MAX_LIGHT_BYTES) throw tooLong(name, end - from, start);
  }
  const total = light.reduce((sum, { start, end }) => sum + end - start, 0);
  budget.decode(total, message.start);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const { start, end } of light) {
    bytes.set(reader.bytes(start, end), at);
    at += end - start;
  }
  return decodeMessage(name, bytes, message.from);
}

/**
 * Decodes a message without heavy parts, such as a declared value.
 * @throws ModelFormatError when it is longer than `MAX_LIGHT_BYTES` all the same.
 */
export function readSmall<Name extends MessageName>(
  { reader, budget }: ReadContext,
  name: Name,
  message: MessageSpan,
): Decoded[Name] {
  const length = message.end - message.from;
  if (length > MAX_LIGHT_BYTES) throw tooLong(name, length, message.start);
  budget.decode(length, message.start);
  return decodeMessage(name, reader.bytes(message.from, message.end), message.from);
}

function tooLong(what: string, length: number, at: number): ModelFormatError {
  return new ModelFormatError(
    `the ONNX file is damaged: a ${what} has ${length} bytes beside its payload, above ${MAX_LIGHT_BYTES}`,
    at,
  );
}
