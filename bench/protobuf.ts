import type { Part } from './parts';

/** A field that holds a varint. */
export function varintField(number: number, value: number): Part[] {
  return [new Uint8Array([...varint(number * 8), ...varint(value)])];
}

/** A field that holds text. */
export function textField(number: number, text: string): Part[] {
  return bytesField(number, [new TextEncoder().encode(text)]);
}

/** A field that holds bytes or a message, given in parts. */
export function bytesField(number: number, parts: readonly Part[]): Part[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [new Uint8Array([...varint(number * 8 + 2), ...varint(length)]), ...parts];
}

/** A field that holds a 32-bit float. */
export function floatField(number: number, value: number): Part[] {
  return [
    new Uint8Array([...varint(number * 8 + 5), ...new Uint8Array(Float32Array.of(value).buffer)]),
  ];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return bytes;
}
