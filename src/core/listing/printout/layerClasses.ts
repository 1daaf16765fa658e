/** Classes of spconv, mmcv and their quantized kin: `SubMConv3d`, `SparseInverseConv2d`, `SparseConvolutionQunat`. */
export function isSparseConvolutionClass(className: string | null): boolean {
  return className !== null && /^(SubM|Sparse)\w*Conv/.test(className);
}

/**
 * BatchNorms that do nothing but normalise, so that an Identity can stand in for them. A subclass that also holds an
 * activation (timm's `BatchNormAct2d`) is none.
 */
export function isPlainBatchNormClass(className: string | null): boolean {
  return className !== null && /^(Lazy|Naive)?(Sync|Frozen)?BatchNorm([123]d)?$/.test(className);
}

/** Any class that is a BatchNorm by name. */
export function isBatchNormClass(className: string | null): boolean {
  return className !== null && /BatchNorm/.test(className);
}

/** Linear layers print their bias whether it is there or not. */
export function printsBiasAlways(className: string): boolean {
  return /Linear$/.test(className);
}
