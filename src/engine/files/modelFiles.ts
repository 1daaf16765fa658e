import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { ByteSource, SiblingFiles } from '../../core/bytes/byteSource';
import { ModelFormatError, OutsideFolderError } from '../../core/errors';
import { FileSource } from './fileSource';

/** A model refers to a handful of files: one per shard or external tensor at most. */
const MAX_SIBLINGS = 10_000;

/** The files of one model: the file itself and what it refers to, inside its own folder. */
export class ModelFiles implements SiblingFiles {
  readonly main: FileSource;
  private readonly opened = new Map<string, FileSource>();

  constructor(path: string) {
    this.main = new FileSource(path);
  }

  /** All files that were opened so far, the model's own first. */
  get all(): readonly FileSource[] {
    return [this.main, ...this.opened.values()];
  }

  /** Names under which the model refers to the other files opened so far. */
  get siblingNames(): readonly string[] {
    return [...this.opened.keys()];
  }

  /** Size of all files that were opened so far. */
  get sizeBytes(): number {
    return this.all.reduce((sum, file) => sum + file.sizeBytes, 0);
  }

  /** Bytes read from all of them. */
  get bytesRead(): number {
    return this.all.reduce((sum, file) => sum + file.bytesRead, 0);
  }

  open(relativePath: string): ByteSource {
    const known = this.opened.get(relativePath);
    if (known !== undefined) return known;
    if (this.opened.size >= MAX_SIBLINGS) {
      throw new ModelFormatError(`${this.main.name} refers to more than ${MAX_SIBLINGS} files`);
    }
    const source = new FileSource(this.resolve(relativePath));
    this.opened.set(relativePath, source);
    return source;
  }

  /** Lets go of every file; they open again when they are read. */
  close(): void {
    for (const file of this.all) file.close();
  }

  /** The real path of a file the model names. The name comes from the file, so it must not lead anywhere else. */
  private resolve(relativePath: string): string {
    const folder = dirname(this.main.path);
    const path = join(folder, relativePath);
    const isUsable =
      relativePath !== '' && !relativePath.includes('\0') && !isAbsolute(relativePath);
    if (!isUsable || !isInside(folder, path)) throw this.outside(relativePath);
    let real: string;
    try {
      real = realpathSync(path);
    } catch (error) {
      throw new ModelFormatError(
        `${this.main.name} needs the file ${relativePath}, which is not beside it`,
        undefined,
        { cause: error },
      );
    }
    // Caches of model hubs link every file of a model into one folder of blobs: there the siblings of the
    // model's real file are its own as well.
    const homes = [realpathSync(folder), dirname(realpathSync(this.main.path))];
    if (!homes.some((home) => isInside(home, real))) throw this.outside(relativePath);
    return path;
  }

  private outside(relativePath: string): OutsideFolderError {
    return new OutsideFolderError(
      `${this.main.name} refers to ${JSON.stringify(relativePath.slice(0, 200))}, which is outside its own folder`,
    );
  }
}

/** Whether `path` is below `folder`. Both absolute; nothing is looked up on the disk. */
function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
