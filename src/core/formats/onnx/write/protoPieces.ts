import { encodeUtf8 } from '../../../bytes/utf8';
import { concatBytes } from '../../../bytes/concatBytes';
import { pieceLength, type Piece } from '../../../bytes/outputPlan';
import { wireTypes } from '../wire/fields';

/** Protobuf fields made anew, as pieces of the output: a payload may be bytes or a range that is folded on the way. */

/** A number in groups of seven bits, lowest first. `value` is an integer from 0 to 2^53. */
export function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

export function bytesPiece(bytes: Uint8Array): Piece {
  return { kind: 'bytes', bytes };
}

/** Length in bytes of a list of pieces. */
export function totalLength(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + pieceLength(piece), 0);
}

/** A message, a string or bytes: tag, length and payload. */
export function delimitedField(number: number, payload: readonly Piece[]): Piece[] {
  const head = concatBytes([
    varintBytes(number * 8 + wireTypes.delimited),
    varintBytes(totalLength(payload)),
  ]);
  return [bytesPiece(head), ...payload];
}

export function bytesField(number: number, payload: Uint8Array): Piece[] {
  return delimitedField(number, [bytesPiece(payload)]);
}

export function textField(number: number, text: string): Piece[] {
  return bytesField(number, encodeUtf8(text));
}

export function varintField(number: number, value: number): Piece[] {
  return [
    bytesPiece(concatBytes([varintBytes(number * 8 + wireTypes.varint), varintBytes(value)])),
  ];
}
