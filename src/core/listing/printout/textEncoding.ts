import { decodeUtf8, encodeUtf8 } from '../../bytes/utf8';

/** `latin1` is the last resort: every byte is a character, so any bytes survive a round trip. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';

export interface EncodedText {
  readonly text: string;
  readonly encoding: TextEncoding;
}

/** Decodes a text so that encoding it again gives the same bytes. Windows shells redirect output as UTF-16. */
export function decodeText(bytes: Uint8Array): EncodedText {
  const mark = bytes.subarray(0, 2).join();
  if (bytes.length % 2 === 0 && mark === '255,254') return decodeUtf16(bytes, 'utf-16le');
  if (bytes.length % 2 === 0 && mark === '254,255') return decodeUtf16(bytes, 'utf-16be');
  const text = decodeUtf8(bytes);
  const isUtf8 = !text.includes('\uFFFD') || areEqual(encodeUtf8(text), bytes);
  return isUtf8 ? { text, encoding: 'utf-8' } : { text: textOf(bytes), encoding: 'latin1' };
}

/** Bytes of a text in an encoding that `decodeText` found. */
export function encodeText({ text, encoding }: EncodedText): Uint8Array {
  if (encoding === 'utf-8') return encodeUtf8(text);
  const units = Uint16Array.from({ length: text.length }, (_, idx) => text.charCodeAt(idx));
  if (encoding === 'latin1') return Uint8Array.from(units);
  const bytes = new Uint8Array(2 * units.length);
  const view = new DataView(bytes.buffer);
  units.forEach((unit, idx) => {
    view.setUint16(2 * idx, unit, encoding === 'utf-16le');
  });
  return bytes;
}

function decodeUtf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): EncodedText {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units = Uint16Array.from({ length: bytes.length / 2 }, (_, idx) =>
    view.getUint16(2 * idx, encoding === 'utf-16le'),
  );
  return { text: textOf(units), encoding };
}

/** Joins code units in portions: a call takes a bounded number of arguments. */
function textOf(units: Uint8Array | Uint16Array): string {
  const parts: string[] = [];
  for (let at = 0; at < units.length; at += 8192) {
    parts.push(String.fromCharCode(...units.subarray(at, at + 8192)));
  }
  return parts.join('');
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, idx) => byte === b[idx]);
}
