import type { DType } from '../../model/tensor';

/** Element type of a storage or tensor, with its size where it is `other`. */
export interface ElementType {
  readonly dtype: DType;
  readonly itemBytes: number;
  /** PyTorch's name of it, where the numbers stand for others by a scale and a zero point. */
  readonly quantized?: string;
}

/** Storage classes, of `torch` and `torch.cuda` alike, by name. */
export const storageClasses: ReadonlyMap<string, ElementType> = new Map([
  ['DoubleStorage', { dtype: 'f64', itemBytes: 8 }],
  ['FloatStorage', { dtype: 'f32', itemBytes: 4 }],
  ['HalfStorage', { dtype: 'f16', itemBytes: 2 }],
  ['BFloat16Storage', { dtype: 'bf16', itemBytes: 2 }],
  ['LongStorage', { dtype: 'i64', itemBytes: 8 }],
  ['IntStorage', { dtype: 'i32', itemBytes: 4 }],
  ['ShortStorage', { dtype: 'i16', itemBytes: 2 }],
  ['CharStorage', { dtype: 'i8', itemBytes: 1 }],
  ['ByteStorage', { dtype: 'u8', itemBytes: 1 }],
  ['BoolStorage', { dtype: 'bool', itemBytes: 1 }],
  ['UntypedStorage', { dtype: 'u8', itemBytes: 1 }],
  ['ComplexFloatStorage', { dtype: 'other', itemBytes: 8 }],
  ['ComplexDoubleStorage', { dtype: 'other', itemBytes: 16 }],
  ['QUInt8Storage', { dtype: 'other', itemBytes: 1, quantized: 'quint8' }],
  ['QInt8Storage', { dtype: 'other', itemBytes: 1, quantized: 'qint8' }],
  ['QInt32Storage', { dtype: 'other', itemBytes: 4, quantized: 'qint32' }],
  ['QUInt4x2Storage', { dtype: 'other', itemBytes: 1 }],
  ['QUInt2x4Storage', { dtype: 'other', itemBytes: 1 }],
]);

/** `torch.<name>` of element types; the ones a storage class stands for, and those that have none. */
export const elementTypes: ReadonlyMap<string, ElementType> = new Map([
  ['float64', { dtype: 'f64', itemBytes: 8 }],
  ['double', { dtype: 'f64', itemBytes: 8 }],
  ['float32', { dtype: 'f32', itemBytes: 4 }],
  ['float', { dtype: 'f32', itemBytes: 4 }],
  ['float16', { dtype: 'f16', itemBytes: 2 }],
  ['half', { dtype: 'f16', itemBytes: 2 }],
  ['bfloat16', { dtype: 'bf16', itemBytes: 2 }],
  ['int64', { dtype: 'i64', itemBytes: 8 }],
  ['int32', { dtype: 'i32', itemBytes: 4 }],
  ['int16', { dtype: 'i16', itemBytes: 2 }],
  ['int8', { dtype: 'i8', itemBytes: 1 }],
  ['uint8', { dtype: 'u8', itemBytes: 1 }],
  ['bool', { dtype: 'bool', itemBytes: 1 }],
  ['uint16', { dtype: 'other', itemBytes: 2 }],
  ['uint32', { dtype: 'other', itemBytes: 4 }],
  ['uint64', { dtype: 'other', itemBytes: 8 }],
  ['complex32', { dtype: 'other', itemBytes: 4 }],
  ['complex64', { dtype: 'other', itemBytes: 8 }],
  ['complex128', { dtype: 'other', itemBytes: 16 }],
  ['float8_e4m3fn', { dtype: 'other', itemBytes: 1 }],
  ['float8_e4m3fnuz', { dtype: 'other', itemBytes: 1 }],
  ['float8_e5m2', { dtype: 'other', itemBytes: 1 }],
  ['float8_e5m2fnuz', { dtype: 'other', itemBytes: 1 }],
  ['float8_e8m0fnu', { dtype: 'other', itemBytes: 1 }],
]);

/** The storage class that holds elements of a type a fold can write. */
export const storageClassOf = {
  f64: 'DoubleStorage',
  f32: 'FloatStorage',
  f16: 'HalfStorage',
  bf16: 'BFloat16Storage',
} as const;
