import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pieceLength, type OutputFile, type OutputPlan } from '../../core/bytes/outputPlan';
import { RequestError } from '../../core/errors';
import { identityOf, isSameFile, type FileIdentity } from '../files/openFile';
import { wholeChecksum, type PartialChecksum } from './checksums';
import { explainWriteError } from './outputErrors';
import { createTemporaryFile } from './temporaryFile';

/**
 * Outputs of this size and less, in this many files, are pushed to the disk before the rename. For larger ones that
 * takes as long again as writing them (0.3 s for the gigabyte that a fast disk's cache takes in 0.4 s; many seconds
 * on a slow disk), which a fuse promises not to take. A rename is all or nothing when the process is killed or the
 * disk is full, for any size; only a power cut within the system's write-back time (half a minute on Linux) can leave
 * a large output short. Nothing is lost by it, as the original is never written.
 */
const SYNC_BYTES = 16 * 1024 * 1024;
const SYNC_FILES = 16;

interface GrowingFile {
  readonly file: OutputFile;
  readonly path: string;
  readonly temporary: string;
  readonly sizeBytes: number;
}

/** The files of one output while they grow under temporary names, until all appear at once or none does. */
export class OutputFiles {
  private readonly growing: GrowingFile[] = [];

  /**
   * Creates the temporary files.
   * @throws RequestError `OUTPUT_EXISTS`, `OUTPUT_IS_INPUT`, `OUTPUT_FOLDER_MISSING`, `OUTPUT_NOT_WRITABLE`, `DISK_FULL`.
   */
  constructor(
    plan: OutputPlan,
    folder: string,
    private readonly overwrite: boolean,
    inputs: readonly FileIdentity[],
  ) {
    const paths = plan.files.map((file) => join(folder, file.name));
    for (const path of paths) assertMayAppear(path, overwrite, inputs);
    try {
      plan.files.forEach((file, idx) => {
        const path = paths[idx] ?? file.name;
        const temporary = createTemporaryFile(path);
        const sizeBytes = file.pieces.reduce((sum, piece) => sum + pieceLength(piece), 0);
        this.growing.push({ file, path, temporary, sizeBytes });
      });
      assertRoom(folder, this.sizeBytes);
    } catch (error) {
      this.discard();
      throw explainWriteError(error, paths[0] ?? folder);
    }
  }

  get sizeBytes(): number {
    return this.growing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** Path of the model's own file, for messages. */
  get mainPath(): string {
    return this.growing[0]?.path ?? '';
  }

  /** The files while they grow, empty at first. */
  get temporaries(): readonly string[] {
    return this.growing.map(({ temporary }) => temporary);
  }

  /** Puts checksums into the bytes that wait for them. */
  patchChecksums(partials: readonly PartialChecksum[]): void {
    this.growing.forEach(({ file, temporary }, fileIdx) => {
      if (file.checksums.length === 0) return;
      withFile(temporary, (descriptor) => {
        for (const range of file.checksums) {
          const bytes = new Uint8Array(4);
          new DataView(bytes.buffer).setUint32(0, wholeChecksum(partials, fileIdx, range), true);
          for (const position of range.at) writeSync(descriptor, bytes, 0, 4, position);
        }
      });
    });
  }

  /** Gives the files their names, the model's own last: whoever sees it finds everything it refers to. */
  publish(): readonly string[] {
    const isSmall = this.sizeBytes <= SYNC_BYTES && this.growing.length <= SYNC_FILES;
    for (const { temporary, path, sizeBytes } of this.growing) {
      const written = statSync(temporary).size;
      if (written !== sizeBytes) {
        throw new Error(`${path} has ${written} bytes after writing instead of ${sizeBytes}`);
      }
      if (isSmall) withFile(temporary, fsyncSync);
      if (!this.overwrite && existsSync(path)) throw outputExists(path);
    }
    const published: string[] = [];
    try {
      for (const { temporary, path } of this.growing.toReversed()) {
        const isNew = !existsSync(path);
        renameSync(temporary, path);
        if (isNew) published.push(path);
      }
    } catch (error) {
      for (const path of published) rmSync(path, { force: true });
      throw error;
    }
    return this.growing.map(({ path }) => path);
  }

  /** Removes what was written. Nothing happens to files that have their names already. */
  discard(): void {
    for (const { temporary } of this.growing) rmSync(temporary, { force: true });
  }
}

function withFile(path: string, use: (descriptor: number) => void): void {
  const descriptor = openSync(path, 'r+');
  try {
    use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function assertMayAppear(path: string, overwrite: boolean, inputs: readonly FileIdentity[]): void {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return;
  if (inputs.some((input) => isSameFile(input, identityOf(stats)))) {
    throw new RequestError('OUTPUT_IS_INPUT', `${path} is the model itself; choose another name.`);
  }
  if (stats.isDirectory()) throw new RequestError('OUTPUT_IS_FOLDER', `${path} is a folder.`);
  if (!overwrite) throw outputExists(path);
}

function outputExists(path: string): RequestError {
  return new RequestError('OUTPUT_EXISTS', `${path} exists already.`);
}

/** Fails before the disk is filled up, where the file system tells how much room it has. */
function assertRoom(folder: string, neededBytes: number): void {
  const { bavail, blocks, bsize } = statfsSync(folder, { bigint: true });
  const freeBytes = Number(bavail * bsize);
  if (blocks === 0n || freeBytes >= neededBytes) return;
  throw new RequestError(
    'DISK_FULL',
    `There is not enough room in ${folder}: ${megabytes(neededBytes)} are needed, ${megabytes(freeBytes)} are free.`,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
