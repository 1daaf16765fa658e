import { ModelFormatError } from '../errors';
import { itemSize, type DType, type FloatDType } from '../model/tensor';
import {
  bfloat16,
  decodeSmallFloats,
  encodeSmallFloats,
  float16,
  smallFloatBits,
  smallFloatValue,
} from './kernels/smallFloats';

/**
 * Values of little-endian elements, in their order. Floats are exact; an i64 beyond ±2^53 is rounded.
 * @throws ModelFormatError when `dtype` holds no numbers or the bytes are no whole number of elements.
 */
export function decodeFloats(bytes: Uint8Array, dtype: DType): Float64Array {
  if (itemSize[dtype] === 0) {
    throw new ModelFormatError('the values of this element type cannot be read as numbers');
  }
  if (bytes.length % itemSize[dtype] !== 0) {
    throw new ModelFormatError(`${bytes.length} bytes are no whole number of ${dtype} elements`);
  }
  switch (dtype) {
    case 'f16':
      return decodeSmallFloats(bytes, float16);
    case 'bf16':
      return decodeSmallFloats(bytes, bfloat16);
    case 'f64':
      return new Float64Array(ownBuffer(bytes));
    case 'f32':
      return new Float64Array(float32View(bytes));
    case 'i64':
      return Float64Array.from(new BigInt64Array(ownBuffer(bytes)), Number);
    case 'i32':
      return new Float64Array(new Int32Array(ownBuffer(bytes)));
    case 'i16':
      return new Float64Array(new Int16Array(ownBuffer(bytes)));
    case 'i8':
      return new Float64Array(new Int8Array(ownBuffer(bytes)));
    case 'u8':
    case 'bool':
      return new Float64Array(bytes);
    case 'other':
      return new Float64Array();
  }
}

/**
 * The same into a buffer that serves again and again, of at least as many elements as there are; returns its part that
 * was filled, or an array of its own where a conversion makes one anyway.
 */
export function decodeFloatsInto(
  buffer: Float64Array,
  bytes: Uint8Array,
  dtype: DType,
): Float64Array {
  if (dtype !== 'f32' || bytes.length % itemSize.f32 !== 0) return decodeFloats(bytes, dtype);
  const floats = float32View(bytes);
  buffer.set(floats);
  return buffer.subarray(0, floats.length);
}

/** Little-endian elements of `dtype`, each value rounded once, to nearest with ties to even. */
export function encodeFloats(values: Float64Array, dtype: FloatDType): Uint8Array {
  switch (dtype) {
    case 'f16':
      return encodeSmallFloats(values, float16);
    case 'bf16':
      return encodeSmallFloats(values, bfloat16);
    case 'f32':
      return new Uint8Array(new Float32Array(values).buffer);
    case 'f64':
      return new Uint8Array(values.slice().buffer);
  }
}

/** The value of `dtype` nearest to `value`, ties to even; overflow gives an infinity. */
export function roundTo(value: number, dtype: FloatDType): number {
  switch (dtype) {
    case 'f16':
      return smallFloatValue(smallFloatBits(value, float16), float16);
    case 'bf16':
      return smallFloatValue(smallFloatBits(value, bfloat16), bfloat16);
    case 'f32':
      return Math.fround(value);
    case 'f64':
      return value;
  }
}

/** The bytes as float32, without a copy where they lie at a place that typed arrays can begin at. */
function float32View(bytes: Uint8Array): Float32Array {
  const isAligned = bytes.byteOffset % itemSize.f32 === 0;
  if (!isAligned) return new Float32Array(ownBuffer(bytes));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / itemSize.f32);
}

/**
 * A copy of the bytes in a buffer of its own: typed arrays need alignment, which a place in a file does not have.
 * Every platform VS Code runs on is little-endian, as the files are.
 */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
