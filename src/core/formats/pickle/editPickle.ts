import { concatBytes } from '../../bytes/concatBytes';
import type { Piece } from '../../bytes/outputPlan';
import { ModelFormatError } from '../../errors';
import { op } from './opcodes';
import { memoPut } from './pickleBytes';
import { NO_OPERATION } from './pickleOps';
import type { PickleDocument } from './readPickle';

/** Replaces operations [first, end) by bytes; with `first === end` the bytes go in front of that operation. */
export interface PickleEdit {
  readonly first: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

export interface EditedPickle {
  readonly pieces: readonly Piece[];
  /** Operations that load storages and are still there. */
  readonly persistentKept: ReadonlySet<number>;
}

/** Payloads above this stay pieces of the original; everything smaller is gathered into one. */
const MAX_GATHERED_BYTES = 1024 * 1024;
/** How often objects may have to be written again; more means a pickle built to blow up. */
const MAX_RESTORED_FACTOR = 4;
const MAX_RESTORE_DEPTH = 1000;

/** Operations after which the top of the stack is no object: nothing can be named there. */
const leavesNoObject: ReadonlySet<number> = new Set([
  op.MARK,
  op.PROTO,
  op.FRAME,
  op.STOP,
  op.POP,
  op.POP_MARK,
]);

/**
 * Cuts and splices a pickle; what is not edited stays byte for byte, apart from protocol 4's frames, which are
 * optional and go. Where a cut-out part made an object that a later part refers to, the object is written again at
 * its first use. MEMOIZE numbers objects by how many there are, so places in the memo that vanish are filled.
 * `source` is the number of the pickle's file among the plan's sources; null when the pickle was inflated, then all
 * pieces are bytes. Edits must not overlap.
 * @throws ModelFormatError when the memo is so tangled that objects would have to be written over and over.
 */
export function editPickle(
  document: PickleDocument,
  edits: readonly PickleEdit[],
  source: number | null,
): EditedPickle {
  if (edits.length === 0) {
    const whole = { from: document.start, to: document.end };
    const all = new Set(document.persistent.map(({ operation }) => operation));
    return { pieces: toPieces(document, [whole], source), persistentKept: all };
  }
  return new PickleEditor(document).run(edits, source);
}

/** A range of the original, or new bytes. */
type Segment = { from: number; to: number } | Uint8Array;

class PickleEditor {
  private readonly segments: Segment[] = [];
  private readonly persistentKept = new Set<number>();
  /** For each memo index, the PUT whose object it holds in the output; NO_OPERATION for filler. */
  private readonly current = new Map<number, number>();
  private readonly usesMemoize: boolean;
  private unfilled: number[] = [];
  private restoredCount = 0;

  constructor(private readonly document: PickleDocument) {
    const puts = [...document.ops.definitions.keys()];
    this.usesMemoize = puts.some((put) => document.ops.code(put) === op.MEMOIZE);
  }

  run(edits: readonly PickleEdit[], source: number | null): EditedPickle {
    const { ops } = this.document;
    // Several insertions at one place keep their order; they come before what is replaced there.
    const sorted = edits.toSorted((a, b) => a.first - b.first || a.end - b.end);
    let next = 0;
    for (const edit of sorted) {
      if (edit.first < next) throw new Error('edits of a pickle overlap');
      for (let idx = next; idx < edit.first; idx++) this.keep(idx);
      this.segments.push(edit.bytes);
      for (let idx = edit.first; idx < edit.end; idx++) this.cut(idx);
      next = edit.end;
    }
    for (let idx = next; idx < ops.count; idx++) this.keep(idx);
    return {
      pieces: toPieces(this.document, this.segments, source),
      persistentKept: this.persistentKept,
    };
  }

  private cut(operation: number): void {
    const definition = this.document.ops.definitions.get(operation);
    if (definition && this.usesMemoize && !this.current.has(definition.memo)) {
      this.unfilled.push(definition.memo);
    }
  }

  private keep(operation: number): void {
    const { ops } = this.document;
    const code = ops.code(operation);
    if (code === op.FRAME) return;
    // MEMOIZE counts, so the places in front of its own must be taken.
    if (code === op.MEMOIZE) this.fill();
    const put = ops.put(operation);
    if (put !== NO_OPERATION && !this.isCurrent(put)) this.restore(put);
    else this.copy(operation);
    if (this.unfilled.length > 0 && !leavesNoObject.has(code)) this.fill();
  }

  private copy(operation: number): void {
    const { ops, start, end } = this.document;
    const from = start + ops.offset(operation);
    const isLast = operation + 1 === ops.count;
    const to = isLast ? end : start + ops.offset(operation + 1);
    const last = this.segments.at(-1);
    if (last && 'to' in last && last.to === from) last.to = to;
    else this.segments.push({ from, to });
    const definition = ops.definitions.get(operation);
    if (definition) this.current.set(definition.memo, operation);
    const code = ops.code(operation);
    if (code === op.BINPERSID || code === op.PERSID) this.persistentKept.add(operation);
  }

  private isCurrent(put: number): boolean {
    const definition = this.document.ops.definitions.get(put);
    return definition !== undefined && this.current.get(definition.memo) === put;
  }

  /** Writes an object again that was cut out, and the objects it refers to in turn. */
  private restore(put: number): void {
    const { ops } = this.document;
    const ranges: { at: number; readonly end: number }[] = [];
    const enter = (wanted: number): void => {
      const definition = ops.definitions.get(wanted);
      if (definition) ranges.push({ at: definition.first, end: definition.end });
    };
    enter(put);
    for (let range = ranges.at(-1); range !== undefined; range = ranges.at(-1)) {
      if (range.at >= range.end) {
        ranges.pop();
        continue;
      }
      const operation = range.at++;
      this.countRestored(ranges.length);
      const nested = ops.put(operation);
      if (ops.code(operation) === op.FRAME) continue;
      if (nested !== NO_OPERATION && !this.isCurrent(nested)) enter(nested);
      else if (ops.code(operation) === op.MEMOIZE) this.name(operation);
      else this.copy(operation);
    }
  }

  private countRestored(depth: number): void {
    this.restoredCount++;
    const most = MAX_RESTORED_FACTOR * this.document.ops.count;
    if (this.restoredCount > most || depth > MAX_RESTORE_DEPTH) {
      throw new ModelFormatError(
        `the objects of the pickle refer to one another in a way that cannot be cut`,
        this.document.start,
      );
    }
  }

  /** Gives an object the memo index it had, explicitly. */
  private name(operation: number): void {
    const definition = this.document.ops.definitions.get(operation);
    if (definition === undefined) return;
    this.segments.push(memoPut(definition.memo));
    this.current.set(definition.memo, operation);
  }

  private fill(): void {
    for (const memo of this.unfilled) {
      if (this.current.has(memo)) continue;
      this.segments.push(memoPut(memo));
      this.current.set(memo, NO_OPERATION);
    }
    this.unfilled = [];
  }
}

/** Gathers small segments into bytes; long payloads inside the pickle stay where they are. */
function toPieces(
  document: PickleDocument,
  segments: readonly Segment[],
  source: number | null,
): Piece[] {
  const pieces: Piece[] = [];
  let gathered: Uint8Array[] = [];
  const flush = (): void => {
    if (gathered.length > 0) pieces.push({ kind: 'bytes', bytes: concatBytes(gathered) });
    gathered = [];
  };
  for (const segment of segments) {
    if (segment instanceof Uint8Array) {
      gathered.push(segment);
    } else if (source !== null && segment.to - segment.from > MAX_GATHERED_BYTES) {
      flush();
      const length = segment.to - segment.from;
      pieces.push({ kind: 'copy', source, offset: segment.from, length });
    } else {
      gathered.push(document.source.read(segment.from, segment.to - segment.from));
    }
  }
  flush();
  return pieces;
}
