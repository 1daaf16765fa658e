import {
  pieceLength,
  type CopyPiece,
  type OutputPlan,
  type Piece,
} from '../../core/bytes/outputPlan';

/** A writer takes about this many bytes at a time: small enough to share the work evenly, large enough to run. */
const UNIT_BYTES = 8 * 1024 * 1024;

/** A stretch of one output file that one writer writes on its own. Plain data: it crosses to threads. */
export interface WriteUnit {
  /** Index of the file in the plan. */
  readonly file: number;
  /** Where the stretch begins in the output. */
  readonly position: number;
  readonly pieces: readonly Piece[];
}

/**
 * Cuts a plan into units, in file order. Copies are cut anywhere; a fold stays whole, because its check adds up over
 * the whole weight.
 */
export function cutIntoUnits(plan: OutputPlan): WriteUnit[] {
  return plan.files.flatMap((file, fileIdx) => {
    const units: WriteUnit[] = [];
    let pieces: Piece[] = [];
    let position = 0;
    let length = 0;
    for (const piece of file.pieces.flatMap(cutCopy)) {
      if (length > 0 && length + pieceLength(piece) > UNIT_BYTES) {
        units.push({ file: fileIdx, position, pieces });
        pieces = [];
        position += length;
        length = 0;
      }
      pieces.push(piece);
      length += pieceLength(piece);
    }
    if (length > 0) units.push({ file: fileIdx, position, pieces });
    return units;
  });
}

function cutCopy(piece: Piece): Piece[] {
  if (piece.kind !== 'copy' || piece.length <= UNIT_BYTES) return [piece];
  const parts: CopyPiece[] = [];
  for (let done = 0; done < piece.length; done += UNIT_BYTES) {
    const length = Math.min(UNIT_BYTES, piece.length - done);
    parts.push({ ...piece, offset: piece.offset + done, length });
  }
  return parts;
}
