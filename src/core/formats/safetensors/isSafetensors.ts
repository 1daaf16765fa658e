import { MAX_HEADER_BYTES } from './readHeader';

const BRACE = 0x7b;
const LENGTH_BYTES = 8;

/** Whether a file is for `openSafetensors`: by its name, or by a header length with an object behind it. */
export function isSafetensors(head: Uint8Array, name: string): boolean {
  return /\.safetensors$/i.test(name) || isIndexName(name) || beginsWithHeader(head);
}

/** Whether a file is the index of a model in several files. */
export function isIndexName(name: string): boolean {
  return /\.safetensors(\.[^/\\]+)?\.index(\.[^/\\]+)?\.json$/i.test(name);
}

function beginsWithHeader(head: Uint8Array): boolean {
  if (head.length <= LENGTH_BYTES || head[LENGTH_BYTES] !== BRACE) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  return length > 0 && length <= MAX_HEADER_BYTES;
}
