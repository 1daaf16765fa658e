import { assertRange, type ByteSource } from '../../../bytes/byteSource';
import { ModelFormatError } from '../../../errors';

/** A jump lands on the head of a tensor, which fits into this; read ahead only where reading goes on. */
const FIRST_BLOCK_BYTES = 512;
const LARGEST_BLOCK_BYTES = 64 * 1024;
const EARLIER_BLOCKS = 4;
/** Protobuf writes 64 bits in at most ten bytes of seven bits. */
const MAX_VARINT_BYTES = 10;

/**
 * Reads numbers at a moving position, through one block of the file. Blocks grow while reading goes straight on and
 * start small after a jump over a payload, so that a file is read by its structure and not by its weights.
 */
export class WireReader {
  /** Where the next number is read. */
  position = 0;
  private block: Uint8Array = new Uint8Array();
  private blockStart = 0;
  private blockBytes = FIRST_BLOCK_BYTES;
  /** Blocks read before: a message's head is often wanted again after its tail was seen. */
  private readonly earlier: { readonly start: number; readonly bytes: Uint8Array }[] = [];

  constructor(readonly source: ByteSource) {}

  /** The varint at `position`, which moves behind it. Values above 2^53 lose their lowest bits, as no caller minds. */
  varint(): number {
    const start = this.position;
    let value = 0;
    let unit = 1;
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 128;
    }
    throw endlessNumber(start);
  }

  /** The varint at `position` in two halves of 32 bits, exact. */
  varint64(): { low: number; high: number } {
    const start = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 7 * MAX_VARINT_BYTES; shift += 7) {
      const byte = this.byte();
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift >= 32) high |= bits << (shift - 32);
      else if (shift > 25) high |= bits >>> (32 - shift);
      if (byte < 0x80) return { low, high };
    }
    throw endlessNumber(start);
  }

  /** The bytes `[from, end)` in memory of the caller's own. Leaves `position` alone. */
  bytes(from: number, end: number): Uint8Array {
    const length = end - from;
    assertRange(this.source, from, length);
    if (length > LARGEST_BLOCK_BYTES) return this.source.read(from, length);
    this.load(from, length);
    return this.block.slice(from - this.blockStart, end - this.blockStart);
  }

  private byte(): number {
    const at = this.position;
    let value = this.block[at - this.blockStart];
    if (value === undefined) {
      this.load(at, 1);
      value = this.block[at - this.blockStart];
      if (value === undefined) {
        throw new ModelFormatError('the ONNX file is cut short', this.source.sizeBytes);
      }
    }
    this.position = at + 1;
    return value;
  }

  /** Makes the block hold `length` bytes from `at`, as far as the file goes. */
  private load(at: number, length: number): void {
    if (this.holds(this.blockStart, this.block, at, length)) return;
    const known = this.earlier.findIndex(({ start, bytes }) =>
      this.holds(start, bytes, at, length),
    );
    const [found] = known < 0 ? [] : this.earlier.splice(known, 1);
    const block = found ?? this.readBlock(at, length);
    this.earlier.unshift({ start: this.blockStart, bytes: this.block });
    this.earlier.length = Math.min(this.earlier.length, EARLIER_BLOCKS);
    this.blockStart = block.start;
    this.block = block.bytes;
  }

  private holds(start: number, bytes: Uint8Array, at: number, length: number): boolean {
    return at >= start && at + length <= start + bytes.length;
  }

  private readBlock(at: number, length: number): { start: number; bytes: Uint8Array } {
    const goesOn = at >= this.blockStart && at <= this.blockStart + this.block.length;
    this.blockBytes = goesOn
      ? Math.min(this.blockBytes * 2, LARGEST_BLOCK_BYTES)
      : FIRST_BLOCK_BYTES;
    const kept = goesOn ? this.block.subarray(at - this.blockStart) : new Uint8Array();
    const from = at + kept.length;
    const wanted = Math.max(length - kept.length, this.blockBytes);
    const fresh = this.source.read(from, Math.min(wanted, this.source.sizeBytes - from));
    const bytes = new Uint8Array(kept.length + fresh.length);
    bytes.set(kept);
    bytes.set(fresh, kept.length);
    return { start: at, bytes };
  }
}

function endlessNumber(at: number): ModelFormatError {
  return new ModelFormatError(
    `the ONNX file is damaged: a number runs on for more than ${MAX_VARINT_BYTES} bytes`,
    at,
  );
}
