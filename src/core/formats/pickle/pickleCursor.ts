import type { ByteSource } from '../../bytes/byteSource';
import { decodeUtf8 } from '../../bytes/utf8';
import { ModelFormatError } from '../../errors';

/**
 * The window starts small, because some pickles are a single number with others behind them, and grows to a size that
 * sources still cache: what a window holds beyond the pickle's end is not read from the disk again.
 */
const FIRST_WINDOW_BYTES = 512;
const MAX_WINDOW_BYTES = 32 * 1024;
/** The longest lines are a class's module and name, or the digits of a number. */
const MAX_LINE = 64 * 1024;
const NEWLINE = 0x0a;

/** Reads a pickle front to back through a window, so that long payloads in it are skipped, not read. */
export class PickleCursor {
  private window: Uint8Array = new Uint8Array();
  private view: DataView = new DataView(new ArrayBuffer(0));
  private windowAt = 0;
  private windowBytes = FIRST_WINDOW_BYTES;

  /** Reads from `at`, and never at or behind `end`. */
  constructor(
    private readonly source: ByteSource,
    public at: number,
    private readonly end: number,
  ) {}

  uint8(): number {
    const from = this.take(1);
    return this.view.getUint8(from);
  }

  uint16(): number {
    const from = this.take(2);
    return this.view.getUint16(from, true);
  }

  uint32(): number {
    const from = this.take(4);
    return this.view.getUint32(from, true);
  }

  int32(): number {
    const from = this.take(4);
    return this.view.getInt32(from, true);
  }

  /** An unsigned length of 8 bytes; anything that cannot be a length in this file is an error. */
  length64(): number {
    const from = this.take(8);
    const value = this.view.getUint32(from, true) + this.view.getUint32(from + 4, true) * 2 ** 32;
    if (value > this.end) this.fail(`${value} bytes`);
    return value;
  }

  /** A float64 in big-endian order, as BINFLOAT has it. */
  float64(): number {
    const from = this.take(8);
    return this.view.getFloat64(from, false);
  }

  /** UTF-8 text of `length` bytes; the caller has bounded the length. */
  text(length: number): string {
    return decodeUtf8(this.bytes(length));
  }

  /** Bytes in memory that the next read may overwrite. */
  bytes(length: number): Uint8Array {
    const from = this.take(length);
    return this.window.subarray(from, from + length);
  }

  /** Text up to the next line feed, which is consumed. */
  line(): string {
    const from = this.at;
    for (;;) {
      if (this.at - from > MAX_LINE) {
        throw new ModelFormatError(`the pickle has a line longer than ${MAX_LINE} bytes`, from);
      }
      if (this.uint8() === NEWLINE) break;
    }
    const length = this.at - from;
    this.at = from;
    const text = this.text(length);
    return text.slice(0, -1);
  }

  /** Steps over `length` bytes without reading them. */
  skip(length: number): void {
    if (length > this.end - this.at) this.fail(`${length} bytes`);
    this.at += length;
  }

  /** Makes `length` bytes available; returns their place in the window, which may be a new one. */
  private take(length: number): number {
    let from = this.at - this.windowAt;
    if (from < 0 || from + length > this.window.length) {
      if (length > this.end - this.at) this.fail(length === 1 ? 'more' : `${length} bytes`);
      const wanted = Math.max(length, Math.min(this.windowBytes, this.end - this.at));
      this.windowBytes = Math.min(2 * this.windowBytes, MAX_WINDOW_BYTES);
      this.window = this.source.read(this.at, wanted);
      this.view = new DataView(this.window.buffer, this.window.byteOffset, this.window.length);
      this.windowAt = this.at;
      from = 0;
    }
    this.at += length;
    return from;
  }

  private fail(wanted: string): never {
    throw new ModelFormatError(
      `the pickle is cut off: it ends at byte ${this.end}, but ${wanted} should follow`,
      this.at,
    );
  }
}
