import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemorySource } from '../../../../../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../../../../../src/core/errors';
import { WireReader } from '../../../../../../src/core/formats/onnx/wire/wireReader';
import { join, varint } from '../../../../../support/onnxBytes';

const readerOf = (bytes: Uint8Array): WireReader => new WireReader(new MemorySource(bytes));

describe('the wire reader', () => {
  test('reads varints one after another, wasteful ones too', () => {
    const reader = readerOf(join(varint(0), varint(127), varint(128), varint(2 ** 40), [0x81, 0]));
    assert.deepEqual(
      Array.from({ length: 5 }, () => reader.varint()),
      [0, 127, 128, 2 ** 40, 1],
    );
  });

  test('reads 64 bits exactly, in two halves', () => {
    for (const value of [0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 35n + 5n, -1n, -(2n ** 63n)]) {
      const { low, high } = readerOf(varint(value)).varint64();
      const back = BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
      assert.equal(back, value);
    }
  });

  test('stops at the end of the file and after ten bytes', () => {
    assert.throws(() => readerOf(Uint8Array.of(0x80)).varint(), /cut short/);
    assert.throws(() => readerOf(new Uint8Array(11).fill(0x80)).varint(), /runs on/);
    assert.throws(() => readerOf(new Uint8Array(11).fill(0x80)).varint64(), /runs on/);
    assert.throws(() => readerOf(new Uint8Array(4)).bytes(2, 6), ModelFormatError);
  });

  test('gives bytes in memory of the caller’s own', () => {
    const reader = readerOf(Uint8Array.of(1, 2, 3, 4));
    const bytes = reader.bytes(1, 3);
    bytes.fill(9);
    assert.deepEqual(reader.bytes(0, 4), Uint8Array.of(1, 2, 3, 4));
  });

  test('reads on in growing blocks, jumps with small ones, and comes back for nothing', () => {
    const source = new MemorySource(new Uint8Array(10 ** 6).fill(1));
    const reader = new WireReader(source);
    reader.position = 0;
    for (let idx = 0; idx < 100_000; idx++) reader.varint();
    assert.ok(source.bytesRead < 200_000);
    const before = source.bytesRead;
    reader.position = 900_000;
    reader.varint();
    assert.equal(source.bytesRead - before, 512);
    reader.position = 99_999;
    reader.varint();
    assert.equal(source.bytesRead - before, 512);
  });
});
