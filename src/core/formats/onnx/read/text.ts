import { util } from 'protobufjs/light';

/** Text of a `bytes` field. Bytes that are not UTF-8 (a pickled attribute) become replacement characters. */
export function parseText(bytes: Uint8Array): string {
  return util.utf8.read(bytes, 0, bytes.length);
}

/** UTF-8 bytes of a text. */
export function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(util.utf8.length(text));
  util.utf8.write(text, bytes, 0);
  return bytes;
}
