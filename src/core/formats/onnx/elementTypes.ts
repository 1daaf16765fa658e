import type { DType } from '../../model/tensor';

/** ONNX's element types by number: name in the textual syntax, and the dtype where values are ever looked at. */
const elementTypes: Readonly<Record<number, { readonly name: string; readonly dtype: DType }>> = {
  1: { name: 'float', dtype: 'f32' },
  2: { name: 'uint8', dtype: 'u8' },
  3: { name: 'int8', dtype: 'i8' },
  4: { name: 'uint16', dtype: 'other' },
  5: { name: 'int16', dtype: 'i16' },
  6: { name: 'int32', dtype: 'i32' },
  7: { name: 'int64', dtype: 'i64' },
  8: { name: 'string', dtype: 'other' },
  9: { name: 'bool', dtype: 'bool' },
  10: { name: 'float16', dtype: 'f16' },
  11: { name: 'double', dtype: 'f64' },
  12: { name: 'uint32', dtype: 'other' },
  13: { name: 'uint64', dtype: 'other' },
  14: { name: 'complex64', dtype: 'other' },
  15: { name: 'complex128', dtype: 'other' },
  16: { name: 'bfloat16', dtype: 'bf16' },
  17: { name: 'float8e4m3fn', dtype: 'other' },
  18: { name: 'float8e4m3fnuz', dtype: 'other' },
  19: { name: 'float8e5m2', dtype: 'other' },
  20: { name: 'float8e5m2fnuz', dtype: 'other' },
  21: { name: 'uint4', dtype: 'other' },
  22: { name: 'int4', dtype: 'other' },
  23: { name: 'float4e2m1', dtype: 'other' },
  24: { name: 'float8e8m0', dtype: 'other' },
  25: { name: 'uint2', dtype: 'other' },
  26: { name: 'int2', dtype: 'other' },
};

/** The dtype of an element type; types without numbers of ours are `other`. */
export function dtypeOf(elementType: number): DType {
  return elementTypes[elementType]?.dtype ?? 'other';
}

/** The name ONNX's textual syntax has for an element type; null for none. */
export function elementTypeName(elementType: number): string | null {
  return elementTypes[elementType]?.name ?? null;
}

/** The number of a dtype's element type; 0 for `other`. */
export function elementTypeOf(dtype: DType): number {
  const found = Object.entries(elementTypes).find(([, type]) => type.dtype === dtype);
  return dtype === 'other' || found === undefined ? 0 : Number(found[0]);
}
