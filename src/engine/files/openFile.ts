import { closeSync, constants, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import { ModelFormatError } from '../../core/errors';

/** What tells one content of a file from another without reading it. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
}

/** A file that is open for reading, and the name to use for it in messages. */
export interface OpenFile {
  readonly descriptor: number;
  readonly name: string;
}

/**
 * Opens a regular file for reading.
 * @throws ModelFormatError when it is missing, no regular file, or may not be read.
 */
export function openForReading(path: string, name: string): OpenFile & { identity: FileIdentity } {
  const descriptor = openOrExplain(path, name);
  const stats = fstatSync(descriptor, { bigint: true });
  if (!stats.isFile()) {
    closeSync(descriptor);
    throw new ModelFormatError(
      `${name} is ${stats.isDirectory() ? 'a folder' : 'no regular file'}`,
    );
  }
  return { descriptor, name, identity: identityOf(stats) };
}

/** The identity of a file from its stats (taken with `bigint: true`: inodes and nanoseconds exceed 2^53). */
export function identityOf(stats: BigIntStats): FileIdentity {
  return {
    device: stats.dev,
    inode: stats.ino,
    sizeBytes: Number(stats.size),
    modifiedNs: stats.mtimeNs,
  };
}

/** Whether two looks at a path saw the same file with the same content. */
export function isSameContent(a: FileIdentity, b: FileIdentity): boolean {
  return isSameFile(a, b) && a.sizeBytes === b.sizeBytes && a.modifiedNs === b.modifiedNs;
}

/** Whether two identities are one file on the disk, through whatever names and links they were reached. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.device === b.device && a.inode === b.inode;
}

/**
 * Fills `target` from `offset` on; the system may deliver fewer bytes at once than asked for.
 * @throws ModelFormatError when the file ends before.
 */
export function readExactly(file: OpenFile, target: Uint8Array, offset: number): void {
  let done = 0;
  while (done < target.length) {
    const count = readSync(file.descriptor, target, done, target.length - done, offset + done);
    if (count === 0) {
      throw new ModelFormatError(`${file.name} ended while it was read`, offset + done);
    }
    done += count;
  }
}

function openOrExplain(path: string, name: string): number {
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer that never comes. (Windows has neither: there it counts as 0.)
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? 'does not exist'
        : code === 'EACCES' || code === 'EPERM'
          ? 'may not be read'
          : `cannot be opened (${String(code)})`;
    throw new ModelFormatError(`${name} ${why}`, undefined, { cause: error });
  }
}
