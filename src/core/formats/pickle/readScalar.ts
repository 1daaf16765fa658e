import { ModelFormatError } from '../../errors';
import type { PickleCursor } from './pickleCursor';
import type { PickleValue } from './pickleValue';

/** Texts of more bytes stay in the file; the longest of interest is the configuration mmcv keeps in `meta`. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** Numbers of more bytes or digits are no counts, sizes or versions: states of random generators, as a rule. */
const MAX_NUMBER_BYTES = 32;
const MAX_NUMBER_DIGITS = 80;

/** UTF-8 text of a known length, or where it is when it is very long. */
export function readText(cursor: PickleCursor, length: number): PickleValue {
  return length > MAX_TEXT_BYTES ? readBlob(cursor, length) : cursor.text(length);
}

/** Steps over bytes and keeps their place. */
export function readBlob(cursor: PickleCursor, length: number): PickleValue {
  const offset = cursor.at;
  cursor.skip(length);
  return { kind: 'blob', offset, length };
}

/** A two's complement integer of `length` bytes (LONG1, LONG4). */
export function readLong(cursor: PickleCursor, length: number): PickleValue {
  if (length > MAX_NUMBER_BYTES) return readBlob(cursor, length);
  const bytes = cursor.bytes(length);
  let value = 0n;
  for (let idx = length - 1; idx >= 0; idx--) value = (value << 8n) | BigInt(bytes[idx] ?? 0);
  const isNegative = ((bytes[length - 1] ?? 0) & 0x80) !== 0;
  return narrowed(isNegative ? value - (1n << BigInt(8 * length)) : value);
}

/** The text form of INT and LONG. Protocol 0 writes the booleans as `00` and `01`. */
export function readIntLine(cursor: PickleCursor): PickleValue {
  const at = cursor.at;
  const line = cursor.line();
  if (line === '00') return false;
  if (line === '01') return true;
  const digits = line.replace(/L$/, '');
  if (!/^[+-]?\d+$/.test(digits)) {
    throw new ModelFormatError('the pickle holds a number that is none', at);
  }
  if (digits.length > MAX_NUMBER_DIGITS) return digits;
  return narrowed(BigInt(digits.replace(/^\+/, '')));
}

/** The text form of FLOAT; Python writes `inf` and `nan`. */
export function readFloatLine(cursor: PickleCursor): number {
  const line = cursor.line().trim();
  const infinite = /^([+-]?)inf(inity)?$/i.exec(line);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  return Number(line);
}

/** The text form of STRING: a Python literal in quotes. */
export function readStringLine(cursor: PickleCursor): string {
  const literal = cursor.line().trim();
  return literal
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|([\s\S]))/g, (_, hex?: string, escaped?: string) =>
      hex === undefined ? unescape(escaped ?? '') : String.fromCharCode(parseInt(hex, 16)),
    );
}

/** The text form of UNICODE, in Python's raw-unicode-escape. */
export function readUnicodeLine(cursor: PickleCursor): string {
  return cursor
    .line()
    .replace(
      /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g,
      (escape, short?: string, long?: string) => {
        const code = parseInt(short ?? long ?? '', 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : escape;
      },
    );
}

function unescape(letter: string): string {
  switch (letter) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
  }
}

function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
