import { crc32 } from 'node:zlib';
import type { ChecksumPatch } from '../../core/bytes/outputPlan';
import { joinCrc32 } from './crc32';

/** CRC-32 of the part of a checksummed range that one writer wrote. */
export interface PartialChecksum {
  readonly file: number;
  /** Where in the output the part begins. */
  readonly from: number;
  readonly length: number;
  readonly crc: number;
}

/** Sums up the checksummed ranges of one file while its bytes go by, in order of position. */
export class ChecksumTally {
  readonly partials: PartialChecksum[] = [];
  private readonly ranges: readonly ChecksumPatch[];
  private idx = 0;

  /** Begins at `position` of file number `file`. */
  constructor(
    ranges: readonly ChecksumPatch[],
    private readonly file: number,
    private position: number,
  ) {
    this.ranges = ranges
      .filter(({ from, length }) => from + length > position)
      .toSorted((a, b) => a.from - b.from);
  }

  /** Takes the next bytes of the file. */
  add(bytes: Uint8Array): void {
    const end = this.position + bytes.length;
    for (; ; this.idx++) {
      const range = this.ranges[this.idx];
      if (range === undefined || range.from >= end) break;
      const from = Math.max(range.from, this.position);
      const to = Math.min(range.from + range.length, end);
      this.addPart(from, bytes.subarray(from - this.position, to - this.position));
      if (range.from + range.length > end) break;
    }
    this.position = end;
  }

  private addPart(from: number, bytes: Uint8Array): void {
    const last = this.partials.at(-1);
    const range = this.ranges[this.idx];
    const continues = last !== undefined && range !== undefined && last.from >= range.from;
    if (continues) {
      this.partials[this.partials.length - 1] = {
        ...last,
        length: last.length + bytes.length,
        crc: crc32(bytes, last.crc),
      };
    } else {
      this.partials.push({ file: this.file, from, length: bytes.length, crc: crc32(bytes) });
    }
  }
}

/** The CRC-32 of a whole range of file number `file`, from what the writers summed up, whatever their order. */
export function wholeChecksum(
  partials: readonly PartialChecksum[],
  file: number,
  range: ChecksumPatch,
): number {
  return partials
    .filter((part) => part.file === file)
    .filter(({ from }) => from >= range.from && from < range.from + range.length)
    .toSorted((a, b) => a.from - b.from)
    .reduce((crc, part) => joinCrc32(crc, part.crc, part.length), 0);
}
