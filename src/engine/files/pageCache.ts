import { readExactly, type OpenFile } from './openFile';

const PAGE_BYTES = 4096;
/** A reader that hops over tensors touches about one page per tensor; this holds the last 4 MiB of them. */
const MAX_PAGES = 1024;
/** Sequential scans read ahead up to this much at once, so that a long list of nodes costs few system calls. */
const MAX_READ_AHEAD_PAGES = 64;

/**
 * The recently read pages of one file. Scattered small reads cost one page each; a sequential scan doubles its
 * read-ahead. What was read from the file is counted, not what was asked for.
 */
export class PageCache {
  bytesRead = 0;
  private readonly pages = new Map<number, Uint8Array>();
  private readAhead = 1;
  private nextPage = -1;

  constructor(private readonly sizeBytes: number) {}

  /** Copies `[offset, offset + length)`, which must lie inside the file. */
  read(file: OpenFile, offset: number, length: number): Uint8Array {
    const result = new Uint8Array(length);
    let copied = 0;
    while (copied < length) {
      const at = offset + copied;
      const pageIdx = Math.floor(at / PAGE_BYTES);
      const page = this.page(file, pageIdx);
      const start = at - pageIdx * PAGE_BYTES;
      const part = page.subarray(start, Math.min(page.length, start + length - copied));
      result.set(part, copied);
      copied += part.length;
    }
    return result;
  }

  private page(file: OpenFile, pageIdx: number): Uint8Array {
    const known = this.pages.get(pageIdx);
    if (known !== undefined) {
      // Delete and set keeps the map in order of use, so that the first key is the oldest page.
      this.pages.delete(pageIdx);
      this.pages.set(pageIdx, known);
      return known;
    }
    this.readAhead =
      pageIdx === this.nextPage ? Math.min(this.readAhead * 2, MAX_READ_AHEAD_PAGES) : 1;
    return this.load(file, pageIdx, this.readAhead);
  }

  private load(file: OpenFile, firstPage: number, pageCount: number): Uint8Array {
    const from = firstPage * PAGE_BYTES;
    const block = new Uint8Array(Math.min(pageCount * PAGE_BYTES, this.sizeBytes - from));
    readExactly(file, block, from);
    this.bytesRead += block.length;
    this.nextPage = firstPage + Math.ceil(block.length / PAGE_BYTES);
    for (let start = 0; start < block.length; start += PAGE_BYTES) {
      this.pages.set(firstPage + start / PAGE_BYTES, block.subarray(start, start + PAGE_BYTES));
    }
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= MAX_PAGES) break;
      this.pages.delete(oldest);
    }
    return block.subarray(0, PAGE_BYTES);
  }
}
