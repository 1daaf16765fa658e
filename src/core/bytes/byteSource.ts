import { ModelFormatError } from '../errors';

/**
 * Random access to the bytes of one file. Reads are synchronous: every reader runs in a worker thread
 * of its own, where waiting is free and straight-line parsers are simplest.
 */
export interface ByteSource {
  /** Path as the user gave it, for messages. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Bytes handed out so far; `inspect --json` reports it. */
  readonly bytesRead: number;
  /**
   * Returns `length` bytes from `offset`, in memory of the caller's own.
   * @throws ModelFormatError when the range leaves the file.
   */
  read(offset: number, length: number): Uint8Array;
}

/** Opens files that belong to a model: ONNX external data, shards of a safetensors index. */
export interface SiblingFiles {
  /**
   * Opens `relativePath`, which must lie inside the model's own folder (symbolic links resolved).
   * @throws OutsideFolderError when the path is absolute or leaves the folder, ModelFormatError when it names no
   * regular file.
   */
  open(relativePath: string): ByteSource;
}

/** A source over bytes in memory; for tests and for small payloads. The bytes are not copied until read. */
export class MemorySource implements ByteSource {
  bytesRead = 0;

  constructor(
    private readonly bytes: Uint8Array,
    readonly name = 'memory',
  ) {}

  get sizeBytes(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    assertRange(this, offset, length);
    this.bytesRead += length;
    return this.bytes.slice(offset, offset + length);
  }
}

/** @throws ModelFormatError when `[offset, offset + length)` is not inside the source. */
export function assertRange(source: ByteSource, offset: number, length: number): void {
  const isInside =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset + length <= source.sizeBytes;
  if (!isInside) {
    throw new ModelFormatError(
      `${source.name} ends at byte ${source.sizeBytes}, but ${length} bytes are wanted`,
      offset,
    );
  }
}
