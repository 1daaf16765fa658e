import { closeSync } from 'node:fs';
import { basename } from 'node:path';
import { assertRange, type ByteSource } from '../../core/bytes/byteSource';
import { ModelFormatError } from '../../core/errors';
import {
  isSameContent,
  openForReading,
  readExactly,
  type FileIdentity,
  type OpenFile,
} from './openFile';
import { noteClose, noteUse } from './openFiles';
import { PageCache } from './pageCache';

/** Reads above this go straight to the file: caching them would take longer, and only push small pages out. */
const DIRECT_READ_BYTES = 16 * 1024;

/**
 * A file on disk as a ByteSource, of any size. The file is open only while a job works with it, and no longer than
 * other files leave it room to be: in between it may be moved or replaced, and a replaced one is refused instead of
 * being misread.
 */
export class FileSource implements ByteSource {
  readonly name: string;
  readonly identity: FileIdentity;
  private file: OpenFile | null = null;
  private readonly cache: PageCache;
  private bytesReadDirectly = 0;

  /**
   * With a `known` identity the file is not touched before it is read.
   * @throws ModelFormatError when `path` cannot be opened as a regular file.
   */
  constructor(
    readonly path: string,
    known: FileIdentity | null = null,
  ) {
    this.name = basename(path);
    this.identity = known ?? this.openFirst();
    this.cache = new PageCache(this.sizeBytes);
  }

  get sizeBytes(): number {
    return this.identity.sizeBytes;
  }

  /** Bytes read from the disk, whole pages included. */
  get bytesRead(): number {
    return this.cache.bytesRead + this.bytesReadDirectly;
  }

  read(offset: number, length: number): Uint8Array {
    assertRange(this, offset, length);
    const file = this.open();
    if (length < DIRECT_READ_BYTES) return this.cache.read(file, offset, length);
    const bytes = new Uint8Array(length);
    readExactly(file, bytes, offset);
    this.bytesReadDirectly += length;
    return bytes;
  }

  /** Lets go of the file; the next read opens it again. */
  close(): void {
    if (this.file !== null) closeSync(this.file.descriptor);
    this.file = null;
    noteClose(this);
  }

  /** The open file itself, for readers that bring their own buffers. Use it at once: it is closed when others need room. */
  open(): OpenFile {
    const file = this.file ?? this.reopen();
    this.file = file;
    noteUse(this);
    return file;
  }

  private openFirst(): FileIdentity {
    const opened = openForReading(this.path, this.name);
    this.file = opened;
    noteUse(this);
    return opened.identity;
  }

  private reopen(): OpenFile {
    const opened = openForReading(this.path, this.name);
    if (isSameContent(opened.identity, this.identity)) return opened;
    closeSync(opened.descriptor);
    throw new ModelFormatError(`${this.name} changed while it was in use`);
  }
}
