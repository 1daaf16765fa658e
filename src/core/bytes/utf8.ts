/**
 * Every JavaScript host has these two classes; the types of `core` leave out the DOM and Node, so they are
 * declared here, and only here.
 */
declare class TextDecoder {
  constructor(label: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}
declare class TextEncoder {
  encode(text: string): Uint8Array;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** Text of UTF-8 bytes; what is no UTF-8 becomes U+FFFD. A byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** UTF-8 bytes of a text, in memory of the caller's own. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}
