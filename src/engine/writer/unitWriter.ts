import { writeSync } from 'node:fs';
import type { ChecksumPatch, FoldPiece, Piece } from '../../core/bytes/outputPlan';
import type { DriftMetrics } from '../../core/drift/metrics';
import { CancellationError } from '../../core/errors';
import { FoldChecker } from '../../core/folding/kernels/checkFold';
import { scaleWeight } from '../../core/folding/kernels/scaleWeight';
import { itemSize } from '../../core/model/tensor';
import { readExactly, type OpenFile } from '../files/openFile';
import { ChecksumTally, type PartialChecksum } from './checksums';
import type { WriteUnit } from './writeUnits';

/** Bytes that are read, folded and written at a time; a multiple of every element size. */
const BLOCK_BYTES = 256 * 1024;

/** What the writers of one output share. Plain data but for the descriptors, which belong to the process. */
export interface WriteTargets {
  readonly sources: readonly OpenFile[];
  readonly outputs: readonly OutputTarget[];
}

export interface OutputTarget {
  readonly descriptor: number;
  readonly checksums: readonly ChecksumPatch[];
}

/** The isolated check of one fold, done while it was written. */
export interface CheckedFold {
  readonly id: string;
  readonly metrics: DriftMetrics;
}

export interface UnitResult {
  readonly checks: readonly CheckedFold[];
  readonly checksums: readonly PartialChecksum[];
}

/** Called after every block with its length; false stops the writer. */
export type BlockListener = (writtenBytes: number) => boolean;

/** Writes units in straight-line synchronous code: read a block, fold it, check it, write it. */
export class UnitWriter {
  private readonly original = new Uint8Array(BLOCK_BYTES);
  private readonly folded = new Uint8Array(BLOCK_BYTES);
  /** Neighbouring copies and bytes collect here, so that a thousand small pieces are few writes. */
  private readonly pending = new Uint8Array(BLOCK_BYTES);
  private pendingLength = 0;
  private position = 0;
  private descriptor = -1;
  private tally = new ChecksumTally([], 0, 0);

  constructor(
    private readonly targets: WriteTargets,
    private readonly onBlock: BlockListener,
  ) {}

  /** @throws CancellationError when the listener says stop, and the system's errors as they come. */
  write(unit: WriteUnit): UnitResult {
    const output = this.targets.outputs[unit.file];
    if (output === undefined) throw new RangeError(`the plan has no file ${unit.file}`);
    this.descriptor = output.descriptor;
    this.position = unit.position;
    this.tally = new ChecksumTally(output.checksums, unit.file, unit.position);
    const checks = unit.pieces.flatMap((piece) => this.writePiece(piece));
    this.flush();
    return { checks, checksums: this.tally.partials };
  }

  private writePiece(piece: Piece): CheckedFold[] {
    switch (piece.kind) {
      case 'copy':
        this.gather(piece.length, (target, done) => {
          readExactly(this.source(piece.source), target, piece.offset + done);
        });
        return [];
      case 'bytes':
        this.gather(piece.bytes.length, (target, done) => {
          target.set(piece.bytes.subarray(done, done + target.length));
        });
        return [];
      case 'fold':
        this.flush();
        return [{ id: piece.id, metrics: this.fold(piece) }];
    }
  }

  /** Appends `length` bytes to the pending block; `fill` puts those from `done` on into its target. */
  private gather(length: number, fill: (target: Uint8Array, done: number) => void): void {
    let done = 0;
    while (done < length) {
      const count = Math.min(length - done, BLOCK_BYTES - this.pendingLength);
      fill(this.pending.subarray(this.pendingLength, this.pendingLength + count), done);
      this.pendingLength += count;
      done += count;
      if (this.pendingLength === BLOCK_BYTES) this.flush();
    }
  }

  private fold(piece: FoldPiece): DriftMetrics {
    const { from, weight } = piece;
    const checker = new FoldChecker(weight, piece.check);
    for (let done = 0; done < piece.length; done += BLOCK_BYTES) {
      const length = Math.min(BLOCK_BYTES, piece.length - done);
      const original = this.original.subarray(0, length);
      const folded = this.folded.subarray(0, length);
      if (from.kind === 'bytes') original.set(from.bytes.subarray(done, done + length));
      else readExactly(this.source(from.source), original, from.offset + done);
      folded.set(original);
      const first = done / itemSize[weight.dtype];
      scaleWeight(weight, folded, first);
      checker.add(original, folded, first);
      this.emit(folded);
    }
    return checker.finish();
  }

  private flush(): void {
    if (this.pendingLength > 0) this.emit(this.pending.subarray(0, this.pendingLength));
    this.pendingLength = 0;
  }

  private emit(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      done += writeSync(this.descriptor, bytes, done, bytes.length - done, this.position + done);
    }
    this.position += bytes.length;
    this.tally.add(bytes);
    if (!this.onBlock(bytes.length)) throw new CancellationError();
  }

  private source(idx: number): OpenFile {
    const source = this.targets.sources[idx];
    if (source === undefined) throw new RangeError(`the plan has no source ${idx}`);
    return source;
  }
}
