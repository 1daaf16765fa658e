import type {
  BytesPiece,
  CopyPiece,
  FoldPiece,
  OutputPlan,
  Piece,
} from '../../core/bytes/outputPlan';

/** A writer takes about this many bytes at a time: few enough to share the work evenly, enough to run on. */
const UNIT_BYTES = 4 * 1024 * 1024;

/** A stretch of one output file that one writer writes on its own. Plain data: it crosses to threads. */
export interface WriteUnit {
  /** Index of the file in the plan. */
  readonly file: number;
  /** Where the stretch begins in the output. */
  readonly position: number;
  readonly parts: readonly UnitPart[];
}

export type UnitPart = CopyPiece | BytesPart | FoldPart;

/** `length` of a piece's bytes, from byte `from` on. */
export interface BytesPart {
  readonly kind: 'bytes';
  readonly piece: BytesPiece;
  readonly from: number;
  readonly length: number;
}

/** A part of a fold: `length` bytes of the weight, from byte `from` on. */
export interface FoldPart {
  readonly kind: 'fold';
  readonly piece: FoldPiece;
  /** Number of the piece among the plan's folds. */
  readonly fold: number;
  readonly from: number;
  readonly length: number;
}

/** The plan's folds in the order of their numbers. */
export function foldsOf(plan: OutputPlan): readonly FoldPiece[] {
  return plan.files.flatMap(({ pieces }) => pieces.filter((piece) => piece.kind === 'fold'));
}

/** Cuts a plan into units, in file order. Long pieces are cut (a unit is whole elements of any type), short ones share a unit. */
export function cutIntoUnits(plan: OutputPlan): WriteUnit[] {
  let folds = 0;
  return plan.files.flatMap(({ pieces }, file) => {
    const units: WriteUnit[] = [];
    let parts: UnitPart[] = [];
    let position = 0;
    let length = 0;
    const finish = (): void => {
      if (length > 0) units.push({ file, position, parts });
      parts = [];
      position += length;
      length = 0;
    };
    for (const piece of pieces) {
      const fold = piece.kind === 'fold' ? folds++ : 0;
      for (const part of cutPiece(piece, fold)) {
        if (length + part.length > UNIT_BYTES) finish();
        parts.push(part);
        length += part.length;
      }
    }
    finish();
    return units;
  });
}

function cutPiece(piece: Piece, fold: number): UnitPart[] {
  const total = piece.kind === 'bytes' ? piece.bytes.length : piece.length;
  const parts: UnitPart[] = [];
  for (let from = 0; from < total; from += UNIT_BYTES) {
    const length = Math.min(UNIT_BYTES, total - from);
    switch (piece.kind) {
      case 'copy':
        parts.push({ ...piece, offset: piece.offset + from, length });
        break;
      case 'bytes':
        parts.push({ kind: 'bytes', piece, from, length });
        break;
      case 'fold':
        parts.push({ kind: 'fold', piece, fold, from, length });
    }
  }
  return parts;
}
