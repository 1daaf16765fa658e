import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { encodeUtf8 } from '../../../core/bytes/utf8';
import { concatBytes } from '../../../core/bytes/concatBytes';
import type { RunnableModel } from './runtimeProtocol';

/** Field numbers of onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH_OUTPUT = 12;
const VALUE_INFO_NAME = 1;

/** Wire type of strings, bytes and messages. */
const LENGTH_DELIMITED = 2;

/**
 * Bytes of a model that gives the named values as further outputs. Protocol buffers merge a message field that
 * comes twice (Encoding, "Last One Wins"), so a second `graph` with outputs only is appended and nothing is rewritten.
 */
export function tappedModel(model: RunnableModel, names: readonly string[]): Uint8Array {
  const outputs = names.map((name) =>
    field(GRAPH_OUTPUT, field(VALUE_INFO_NAME, encodeUtf8(name))),
  );
  const tail = names.length === 0 ? new Uint8Array(0) : field(MODEL_GRAPH, concatBytes(outputs));
  const file = openSync(model.path, 'r');
  try {
    const size = fstatSync(file).size;
    // Every byte is written below: zeros first would cost a tenth of opening a large model.
    const bytes = Buffer.allocUnsafeSlow(size + tail.length);
    for (let at = 0; at < size;) {
      const count = readSync(file, bytes, at, size - at, at);
      if (count === 0) throw new Error(`${model.path} became shorter while it was read`);
      at += count;
    }
    bytes.set(tail, size);
    return bytes;
  } finally {
    closeSync(file);
  }
}

function field(number: number, payload: Uint8Array): Uint8Array {
  return concatBytes([varint((number << 3) | LENGTH_DELIMITED), varint(payload.length), payload]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
