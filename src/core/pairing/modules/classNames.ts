/** spconv's and mmcv's sparse convolutions, and their quantized kin: `SubMConv3d`, `SparseConvolutionQunat`. */
export function isSparseClass(className: string): boolean {
  return /^(Quant)?(SubM|Sparse)\w*Conv/.test(className);
}

/** A submanifold convolution by name. */
export function isSubmanifoldClass(className: string): boolean {
  return /SubM/.test(className);
}

/** A dense transposed convolution: its weight is [in, out/groups, k…]. */
export function isTransposedClass(className: string): boolean {
  return /Transpose/.test(className) && !isSparseClass(className);
}

/** Convolutions that compute their weight anew from the parameter each time they run. */
export function standardizesWeight(className: string): boolean {
  return /^(Scaled)?Std|WS$|^WS|ConvWS|WeightStandard|CondConv|DynamicConv/i.test(className);
}
