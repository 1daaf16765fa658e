import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32 } from 'node:zlib';
import { joinCrc32 } from '../../../../src/engine/writer/crc32';

test('joins the checksums of two halves into that of the whole, wherever it was cut', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, idx) => (idx * idx * 31 + 7) & 255);
  for (const cut of [0, 1, 7, 256, 500, 999, 1000]) {
    const second = bytes.subarray(cut);
    const joined = joinCrc32(crc32(bytes.subarray(0, cut)), crc32(second), second.length);
    assert.equal(joined, crc32(bytes), `cut at ${cut}`);
  }
});

test('carries a checksum over more bytes than a 32-bit number counts', () => {
  // 2^33 zeros = 2^13 times 2^20 zeros; joining by halves is the slow way to the same.
  const million = crc32(new Uint8Array(2 ** 20));
  let crc = million;
  for (let length = 2 ** 20; length < 2 ** 33; length *= 2) crc = joinCrc32(crc, crc, length);
  const half = 2 ** 32 + 2 ** 31;
  let rest = million;
  for (let length = 2 ** 20; length < 2 ** 31; length *= 2) rest = joinCrc32(rest, rest, length);
  const quarter = rest;
  const long = joinCrc32(joinCrc32(quarter, quarter, 2 ** 31), quarter, 2 ** 31);
  assert.equal(joinCrc32(quarter, long, half), crc);
});
