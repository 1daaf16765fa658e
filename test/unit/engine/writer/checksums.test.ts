import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32 } from 'node:zlib';
import { ChecksumTally, wholeChecksum } from '../../../../src/engine/writer/checksums';

const bytes = Uint8Array.from({ length: 600 }, (_, idx) => (idx * 73 + 5) & 255);
const ranges = [
  { from: 300, length: 250, at: [0] },
  { from: 10, length: 90, at: [4] },
  { from: 100, length: 0, at: [8] },
  { from: 100, length: 1, at: [8] },
];

test('sums up ranges while the bytes go by in blocks of any size', () => {
  for (const block of [1, 7, 64, 100, 1000]) {
    const tally = new ChecksumTally(ranges, 0, 0);
    for (let at = 0; at < bytes.length; at += block) tally.add(bytes.subarray(at, at + block));
    assertChecksums(tally.partials, `blocks of ${block}`);
  }
});

test('joins what several writers summed up, in any order', () => {
  const starts = [480, 0, 350, 55];
  const partials = starts.flatMap((start) => {
    const end = Math.min(bytes.length, ...starts.filter((other) => other > start));
    const tally = new ChecksumTally(ranges, 0, start);
    tally.add(bytes.subarray(start, end));
    return tally.partials;
  });
  assertChecksums(partials, 'parts');
});

function assertChecksums(partials: ChecksumTally['partials'], what: string): void {
  for (const range of ranges) {
    const expected = crc32(bytes.subarray(range.from, range.from + range.length));
    assert.equal(wholeChecksum(partials, 0, range), expected, `${what}, range at ${range.from}`);
  }
}
