import { closeSync, openSync, writeSync } from 'node:fs';
import type { ChecksumPatch } from '../../core/bytes/outputPlan';
import { CancellationError } from '../../core/errors';
import { foldingBlock, WeightFolder } from '../../core/folding/kernels/weightFolder';
import { itemSize } from '../../core/model/tensor';
import { FileSource } from '../files/fileSource';
import { readExactly, type FileIdentity, type OpenFile } from '../files/openFile';
import { ChecksumTally, type PartialChecksum } from './checksums';
import type { FoldPart, UnitPart, WriteUnit } from './writeUnits';

/**
 * What the writers of one output share: plain data. Each opens what it is at work on, since there may be more files
 * than a process can have open.
 */
export interface WriteTargets {
  readonly sources: readonly { readonly path: string; readonly identity: FileIdentity }[];
  readonly outputs: readonly OutputTarget[];
}

export interface OutputTarget {
  /** The file while it grows. */
  readonly path: string;
  readonly checksums: readonly ChecksumPatch[];
}

/** What one writer's parts of a fold add to its isolated check: see WeightFolder. */
export interface PartialFold {
  readonly fold: number;
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/** Called after every block with its length; false stops the writer. */
export type BlockListener = (writtenBytes: number) => boolean;

/** Writes units in straight-line synchronous code: read a block, fold it in place, write it. */
export class UnitWriter {
  readonly checksums: PartialChecksum[] = [];
  private readonly folders = new Map<number, WeightFolder>();
  /** Bytes are read into it, folded where they are and written from it. */
  private readonly block = foldingBlock();
  /** How much of the block is filled: neighbouring small parts are one write. */
  private filled = 0;
  private position = 0;
  /** The output at work, null before the first. */
  private output: { readonly path: string; readonly descriptor: number } | null = null;
  private readonly sources: readonly FileSource[];
  private tally = new ChecksumTally([], 0, 0);

  constructor(
    private readonly targets: WriteTargets,
    private readonly onBlock: BlockListener,
  ) {
    this.sources = targets.sources.map(({ path, identity }) => new FileSource(path, identity));
  }

  /** What this writer added to the checks of folds, over all its units. */
  get folds(): PartialFold[] {
    return [...this.folders].map(([fold, { before, after }]) => ({ fold, before, after }));
  }

  /** @throws CancellationError when the listener says stop, and the system's errors as they come. */
  write(unit: WriteUnit): void {
    const output = this.targets.outputs[unit.file];
    if (output === undefined) throw new RangeError(`the plan has no file ${unit.file}`);
    this.openOutput(output.path);
    this.position = unit.position;
    this.tally = new ChecksumTally(output.checksums, unit.file, unit.position);
    for (const part of unit.parts) this.writePart(part);
    this.flush();
    this.checksums.push(...this.tally.partials);
  }

  /** Lets go of all files. */
  close(): void {
    this.closeOutput();
    for (const source of this.sources) source.close();
  }

  private writePart(part: UnitPart): void {
    // The folder wants whole elements, so a fold begins with a block of its own.
    if (part.kind === 'fold') this.flush();
    for (let done = 0; done < part.length;) {
      const length = Math.min(part.length - done, this.block.length - this.filled);
      const target = this.block.subarray(this.filled, this.filled + length);
      this.fill(target, part, done);
      this.filled += length;
      done += length;
      if (this.filled === this.block.length || part.kind === 'fold') this.flush();
    }
  }

  /** Fills `target` with what becomes of the part's bytes from `done` on. */
  private fill(target: Uint8Array, part: UnitPart, done: number): void {
    switch (part.kind) {
      case 'copy':
        readExactly(this.source(part.source), target, part.offset + done);
        break;
      case 'bytes':
        target.set(part.piece.bytes.subarray(part.from + done, part.from + done + target.length));
        break;
      case 'fold':
        this.fold(target, part, part.from + done);
    }
  }

  private fold(target: Uint8Array, { piece, fold }: FoldPart, at: number): void {
    const { from, weight } = piece;
    if (from.kind === 'bytes') target.set(from.bytes.subarray(at, at + target.length));
    else readExactly(this.source(from.source), target, from.offset + at);
    let folder = this.folders.get(fold);
    if (folder === undefined) this.folders.set(fold, (folder = new WeightFolder(weight)));
    folder.fold(target, at / itemSize[weight.dtype]);
  }

  private flush(): void {
    const { output } = this;
    if (this.filled === 0 || output === null) return;
    const bytes = this.block.subarray(0, this.filled);
    this.filled = 0;
    for (let done = 0; done < bytes.length;) {
      done += writeSync(output.descriptor, bytes, done, bytes.length - done, this.position + done);
    }
    this.position += bytes.length;
    this.tally.add(bytes);
    if (!this.onBlock(bytes.length)) throw new CancellationError();
  }

  private openOutput(path: string): void {
    if (this.output?.path === path) return;
    this.closeOutput();
    this.output = { path, descriptor: openSync(path, 'r+') };
  }

  private closeOutput(): void {
    if (this.output !== null) closeSync(this.output.descriptor);
    this.output = null;
  }

  private source(idx: number): OpenFile {
    const source = this.sources[idx];
    if (source === undefined) throw new RangeError(`the plan has no source ${idx}`);
    return source.open();
  }
}
