import type { Piece } from '../../../bytes/outputPlan';
import type { MessageSpan } from '../wire/fields';
import { bytesPiece, totalLength, varintBytes } from './protoPieces';

/** Puts `pieces` where `[start, end)` was; an insertion has `start` equal to `end`. `within` is the message around it. */
export interface Edit {
  readonly within: MessageSpan;
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly Piece[];
}

/** A message with edits somewhere inside it. */
interface Edited {
  readonly span: MessageSpan;
  readonly messages: Edited[];
  readonly edits: Edit[];
}

/** Something that stands for `[start, end)` of the original. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly pieces: () => readonly Piece[];
}

/**
 * The model file with all edits made. The length prefixes of the messages around them are computed anew; every other
 * byte is a copy of the original. Edits inside a range that another edit removes are dropped with it.
 */
export function splice(root: MessageSpan, edits: readonly Edit[]): Piece[] {
  return joinCopies(payloadOf(editedTree(root, edits)));
}

function editedTree(root: MessageSpan, edits: readonly Edit[]): Edited {
  const top: Edited = { span: root, messages: [], edits: [] };
  // A payload starts where no other message's does, so its start identifies a message.
  const byPayload = new Map<number, Edited>([[root.from, top]]);
  const editedOf = (span: MessageSpan): Edited => {
    const known = byPayload.get(span.from);
    if (known !== undefined) return known;
    const made: Edited = { span, messages: [], edits: [] };
    byPayload.set(span.from, made);
    if (span.parent !== null) editedOf(span.parent).messages.push(made);
    return made;
  };
  for (const edit of edits) editedOf(edit.within).edits.push(edit);
  return top;
}

function payloadOf({ span, messages, edits }: Edited): Piece[] {
  const replacements: Replacement[] = [
    ...edits.map(({ start, end, pieces }) => ({ start, end, pieces: () => pieces })),
    ...messages.map((message) => ({
      start: message.span.start,
      end: message.span.end,
      pieces: () => fieldOf(message),
    })),
  ].sort(inFileOrder);
  const pieces: Piece[] = [];
  let at = span.from;
  for (const { start, end, pieces: made } of replacements) {
    if (start < at) continue;
    pieces.push(copyPiece(at, start), ...made());
    at = end;
  }
  pieces.push(copyPiece(at, span.end));
  return pieces;
}

/** By position; an insertion goes in front of what stands there, and a removal before what lies inside it. */
function inFileOrder(a: Replacement, b: Replacement): number {
  if (a.start !== b.start) return a.start - b.start;
  const isInsertion = ({ start, end }: Replacement): boolean => start === end;
  if (isInsertion(a) || isInsertion(b)) return Number(isInsertion(b)) - Number(isInsertion(a));
  return b.end - a.end;
}

/** Tag, length and payload of a message with edits; a length that stays keeps its bytes, however it was written. */
function fieldOf(message: Edited): Piece[] {
  const { span } = message;
  const payload = payloadOf(message);
  const length = totalLength(payload);
  const prefix =
    length === span.end - span.from
      ? [copyPiece(span.start, span.from)]
      : [copyPiece(span.start, span.lengthAt), bytesPiece(varintBytes(length))];
  return [...prefix, ...payload];
}

function copyPiece(from: number, end: number): Piece {
  return { kind: 'copy', source: 0, offset: from, length: end - from };
}

/** Drops empty pieces and makes one copy of neighbours in the same file. */
export function joinCopies(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    if (totalLength([piece]) === 0) continue;
    const last = joined.at(-1);
    const goesOn =
      piece.kind === 'copy' &&
      last?.kind === 'copy' &&
      last.source === piece.source &&
      last.offset + last.length === piece.offset;
    if (goesOn) joined[joined.length - 1] = { ...last, length: last.length + piece.length };
    else joined.push(piece);
  }
  return joined;
}
