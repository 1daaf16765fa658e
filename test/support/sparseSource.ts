import { assertRange, type ByteSource } from '../../src/core/bytes/byteSource';

/** A file of any size that is zero but for some parts: gigabytes without memory. */
export class SparseSource implements ByteSource {
  readonly name = 'sparse';
  bytesRead = 0;
  private readonly parts: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  private end = 0;

  get sizeBytes(): number {
    return this.end;
  }

  append(bytes: Uint8Array): this {
    this.parts.push({ offset: this.end, bytes });
    this.end += bytes.length;
    return this;
  }

  appendZeros(count: number): this {
    this.end += count;
    return this;
  }

  read(offset: number, length: number): Uint8Array {
    assertRange(this, offset, length);
    this.bytesRead += length;
    const read = new Uint8Array(length);
    for (const part of this.parts) {
      const from = Math.max(offset, part.offset);
      const end = Math.min(offset + length, part.offset + part.bytes.length);
      if (from < end) {
        read.set(part.bytes.subarray(from - part.offset, end - part.offset), from - offset);
      }
    }
    return read;
  }
}
