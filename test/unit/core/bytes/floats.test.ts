import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decodeFloats,
  decodeFloatsInto,
  encodeFloats,
  roundTo,
} from '../../../../src/core/bytes/floats';
import { ModelFormatError } from '../../../../src/core/errors';

const bits16 = (bytes: Uint8Array): number => bytes[0]! | (bytes[1]! << 8);
const f16Bits = (value: number): number => bits16(encodeFloats(Float64Array.of(value), 'f16'));
const bf16Bits = (value: number): number => bits16(encodeFloats(Float64Array.of(value), 'bf16'));

describe('float16', () => {
  test('gives every one of the 65536 bit patterns back', () => {
    const bytes = new Uint8Array(new Uint16Array(65536).map((_, idx) => idx).buffer);
    const values = decodeFloats(bytes, 'f16');
    const back = new Uint16Array(encodeFloats(values, 'f16').buffer);
    back.forEach((bits, idx) => {
      if (Number.isNaN(values[idx])) assert.equal(bits & 0x7e00, 0x7e00);
      else assert.equal(bits, idx);
    });
  });

  test('knows the landmarks of the format', () => {
    assert.equal(f16Bits(1), 0x3c00);
    assert.equal(f16Bits(-2), 0xc000);
    assert.equal(f16Bits(65504), 0x7bff);
    assert.equal(f16Bits(2 ** -24), 0x0001);
    assert.equal(f16Bits(-0), 0x8000);
    assert.equal(f16Bits(Infinity), 0x7c00);
    assert.equal(roundTo(2049, 'f16'), 2048);
    assert.equal(roundTo(2051, 'f16'), 2052);
  });

  test('rounds ties to even and overflows from halfway above the largest number', () => {
    assert.equal(f16Bits(65519.999), 0x7bff);
    assert.equal(f16Bits(65520), 0x7c00);
    assert.equal(f16Bits(2 ** -25), 0x0000);
    assert.equal(f16Bits(2 ** -25 * 1.0000001), 0x0001);
    assert.equal(f16Bits(1.5 * 2 ** -24), 0x0002);
  });

  test('rounds once from float64, where a detour over float32 would tie wrongly', () => {
    // Just above the tie 1 + 2^-11: float32 drops the last bit and would then round down to even.
    const value = 1 + 2 ** -11 + 2 ** -40;
    assert.equal(f16Bits(value), 0x3c01);
    assert.equal(f16Bits(Math.fround(value)), 0x3c00);
  });

  test('rounds to the nearer neighbour all over the range', () => {
    const all = decodeFloats(
      new Uint8Array(new Uint16Array(0x7c00).map((_, idx) => idx).buffer),
      'f16',
    );
    for (let idx = 0; idx + 1 < all.length; idx += 7) {
      const low = all[idx]!;
      const high = all[idx + 1]!;
      assert.equal(roundTo(low + (high - low) * 0.49, 'f16'), low);
      assert.equal(roundTo(low + (high - low) * 0.51, 'f16'), high);
      assert.equal(f16Bits((low + high) / 2), idx % 2 === 0 ? idx : idx + 1);
    }
  });
});

describe('bfloat16', () => {
  test('gives every one of the 65536 bit patterns back', () => {
    const bytes = new Uint8Array(new Uint16Array(65536).map((_, idx) => idx).buffer);
    const values = decodeFloats(bytes, 'bf16');
    const back = new Uint16Array(encodeFloats(values, 'bf16').buffer);
    back.forEach((bits, idx) => {
      if (Number.isNaN(values[idx])) assert.equal(bits & 0x7fc0, 0x7fc0);
      else assert.equal(bits, idx);
    });
  });

  test('agrees with the upper half of float32', () => {
    for (const value of [1, -3.140625, 2 ** -133, 3.3895313892515355e38]) {
      const wide = new Uint32Array(new Float32Array([value]).buffer)[0]!;
      assert.equal(bf16Bits(value), wide >>> 16);
    }
  });

  test('rounds ties to even, once, and overflows to infinity', () => {
    assert.equal(bf16Bits(1 + 2 ** -8), 0x3f80);
    assert.equal(bf16Bits(1 + 2 ** -8 + 2 ** -40), 0x3f81);
    assert.equal(bf16Bits(1 + 3 * 2 ** -8), 0x3f82);
    assert.equal(bf16Bits(3.4e38), 0x7f80);
    assert.equal(bf16Bits(1e300), 0x7f80);
  });
});

test('reads unaligned elements of every numeric type', () => {
  const shifted = (bytes: ArrayBufferLike): Uint8Array => {
    const padded = new Uint8Array(bytes.byteLength + 1);
    padded.set(new Uint8Array(bytes), 1);
    return padded.subarray(1);
  };
  const read = (array: ArrayBufferView, dtype: Parameters<typeof decodeFloats>[1]): number[] => [
    ...decodeFloats(shifted(array.buffer), dtype),
  ];
  assert.deepEqual(read(Float32Array.of(1.5, -2), 'f32'), [1.5, -2]);
  assert.deepEqual(read(Float64Array.of(0.1), 'f64'), [0.1]);
  assert.deepEqual(read(BigInt64Array.of(-5n), 'i64'), [-5]);
  assert.deepEqual(read(Int32Array.of(-5), 'i32'), [-5]);
  assert.deepEqual(read(Int16Array.of(-5), 'i16'), [-5]);
  assert.deepEqual(read(Int8Array.of(-5), 'i8'), [-5]);
  assert.deepEqual(read(Uint8Array.of(250), 'u8'), [250]);
  assert.deepEqual(read(Uint8Array.of(1), 'bool'), [1]);
});

test('refuses types without numbers and bytes that end inside an element', () => {
  assert.throws(() => decodeFloats(new Uint8Array(4), 'other'), ModelFormatError);
  assert.throws(() => decodeFloats(new Uint8Array(5), 'f32'), ModelFormatError);
});

test('rounds float32 and keeps float64', () => {
  assert.equal(roundTo(0.1, 'f32'), Math.fround(0.1));
  assert.equal(roundTo(0.1, 'f64'), 0.1);
  assert.deepEqual([...decodeFloats(encodeFloats(Float64Array.of(0.1), 'f64'), 'f64')], [0.1]);
});

test('decodes into a buffer of the caller what it decodes by itself, wherever the bytes lie', () => {
  const padded = new Uint8Array(1 + 4 * 5);
  padded.set(new Uint8Array(Float32Array.of(1, -2, 3.5, NaN, 1e-40).buffer), 1);
  const buffer = new Float64Array(8).fill(9);
  for (const bytes of [padded.subarray(1), padded.slice(1)]) {
    const values = decodeFloatsInto(buffer, bytes, 'f32');
    assert.equal(values.buffer, buffer.buffer);
    assert.deepEqual(values, decodeFloats(bytes, 'f32'));
  }
  const halves = Uint8Array.of(0, 0x3c);
  assert.deepEqual(decodeFloatsInto(buffer, halves, 'f16'), Float64Array.of(1));
  assert.throws(() => decodeFloatsInto(buffer, Uint8Array.of(1, 2, 3), 'f32'), /no whole number/);
});
