/** Element types a fold can compute with. */
export type FloatDType = 'f64' | 'f32' | 'f16' | 'bf16';

/** Element type of a stored tensor; `other` is anything that is only ever copied. */
export type DType = FloatDType | 'i64' | 'i32' | 'i16' | 'i8' | 'u8' | 'bool' | 'other';

/** Bytes of one element; 0 for `other`. */
export const itemSize: Readonly<Record<DType, number>> = {
  f64: 8,
  f32: 4,
  f16: 2,
  bf16: 2,
  i64: 8,
  i32: 4,
  i16: 2,
  i8: 1,
  u8: 1,
  bool: 1,
  other: 0,
};

/**
 * A tensor as it lies in a file. Nothing of its values is in memory.
 * `strides` are in elements and count from `location.offset`; row-major order is not taken for granted
 * (PyTorch keeps channels_last and permuted weights as they are).
 */
export interface Tensor {
  /** Initializer name or state_dict key, just as in the file. Unique within a model. */
  readonly name: string;
  readonly dtype: DType;
  /** Name of the element type of a quantized tensor (`qint8`), whose `dtype` is `other`. */
  readonly quantized?: string;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly location: TensorLocation;
}

export type TensorLocation =
  /** Little-endian elements at `offset` of source number `source` (0: the model file; others: external data, shards). `length` bytes belong to the tensor's extent. */
  | {
      readonly kind: 'range';
      readonly source: number;
      readonly offset: number;
      readonly length: number;
    }
  /** Values kept in a form that must be decoded by the format's reader (ONNX typed data fields that are not packed, text). */
  | { readonly kind: 'encoded' }
  /** Known by shape only: a listing has no values. `why` is a clause that says what keeps them out of reach. */
  | { readonly kind: 'absent'; readonly why?: string };

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Strides, in elements, of a row-major tensor of this shape. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
}

/** Whether `dtype` is one of the floating-point types a fold can compute with. */
export function isFloatDType(dtype: DType): dtype is FloatDType {
  return dtype === 'f64' || dtype === 'f32' || dtype === 'f16' || dtype === 'bf16';
}
