import type { FoldReference, WeightFold } from '../model/fold';

/**
 * A new file as a piece table over the originals. Plans are plain data (structured clone): the writer may hand
 * parts of one to several threads.
 */
export interface OutputPlan {
  readonly files: readonly OutputFile[];
}

export interface OutputFile {
  /** File name without folder; the first file of a plan is the model itself. */
  readonly name: string;
  readonly pieces: readonly Piece[];
  /** Checksums to compute over written bytes and to put into written bytes (zip entries). */
  readonly checksums: readonly ChecksumPatch[];
}

export type Piece = CopyPiece | BytesPiece | FoldPiece;

/** Bytes of an original, untouched. */
export interface CopyPiece {
  readonly kind: 'copy';
  readonly source: number;
  readonly offset: number;
  readonly length: number;
}

/** Bytes made anew; small. */
export interface BytesPiece {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

/** A weight tensor's bytes with each element scaled; same length as the original range. */
export interface FoldPiece {
  readonly kind: 'fold';
  /** Id of the pair; the check of the fold is reported under it. */
  readonly id: string;
  /** Little-endian elements, in storage order. */
  readonly from:
    | { readonly kind: 'range'; readonly source: number; readonly offset: number }
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array };
  readonly length: number;
  readonly weight: WeightFold;
  readonly check: FoldCheck;
}

/** Everything the isolated check of a fold needs besides the weight itself. */
export interface FoldCheck {
  readonly reference: FoldReference;
  /** The new bias as stored, that is rounded to its dtype. */
  readonly storedBias: Float64Array;
}

/** CRC-32 (IEEE 802.3) of the output's bytes [from, from + length), written little-endian at each position in `at`. */
export interface ChecksumPatch {
  readonly from: number;
  readonly length: number;
  readonly at: readonly number[];
}

/** Length in bytes of what a piece writes. */
export function pieceLength(piece: Piece): number {
  return piece.kind === 'bytes' ? piece.bytes.length : piece.length;
}
