import { MemorySource } from '../../bytes/byteSource';
import { ModelFormatError } from '../../errors';
import { fieldNumbers } from './fieldNumbers';
import { fieldsOf, rootMessage, wireTypes } from './wire/fields';
import { WireReader } from './wire/wireReader';

const numbers = fieldNumbers.model;
const MAX_IR_VERSION = 1000;
/** The first fields of a ModelProto; 26 is the newest. */
const MAX_FIELD_NUMBER = 40;

/**
 * Whether a file is to be read as ONNX: its name ends so, or its first bytes begin a ModelProto.
 * ONNX has no signature; that the file is sound only the reader can tell.
 */
export function isOnnx(head: Uint8Array, name: string): boolean {
  return name.toLowerCase().endsWith('.onnx') || beginsLikeModel(head);
}

/** Every exporter writes `ir_version` first: a small varint, followed by fields a ModelProto has. */
function beginsLikeModel(head: Uint8Array): boolean {
  const reader = new WireReader(new MemorySource(head));
  // Lengths may point beyond the head, so the message is taken as endless.
  const message = { ...rootMessage(head.length), end: Number.MAX_SAFE_INTEGER };
  let isFirst = true;
  try {
    for (const { number, wireType, from, end } of fieldsOf(reader, message)) {
      if (isFirst) {
        const isVersion = number === numbers.irVersion && wireType === wireTypes.varint;
        reader.position = from;
        if (!isVersion || reader.varint() > MAX_IR_VERSION) return false;
      } else if (number > MAX_FIELD_NUMBER) return false;
      isFirst = false;
      if (end >= head.length) break;
    }
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    return false;
  }
  return !isFirst;
}
