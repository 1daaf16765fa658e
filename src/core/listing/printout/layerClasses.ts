/** Classes of spconv, mmcv and their quantized kin: `SubMConv3d`, `SparseInverseConv2d`, `SparseConvolutionQunat`. */
export function isSparseConvolutionClass(className: string | null): boolean {
  return className !== null && /^(Quant)?(SubM|Sparse)\w*Conv/.test(className);
}

/**
 * BatchNorms of PyTorch's own, which do nothing but normalise: an Identity can stand in for them. A subclass may also
 * hold an activation (timm's `BatchNormAct2d`).
 */
export function isPlainBatchNormClass(className: string | null): boolean {
  return className !== null && /^(Lazy|Sync)?BatchNorm([123]d)?$/.test(className);
}

/** Any class that is a BatchNorm by name. */
export function isBatchNormClass(className: string | null): boolean {
  return className !== null && /BatchNorm/.test(className);
}

/** Linear layers print their bias whether it is there or not. */
export function printsBiasAlways(className: string): boolean {
  return /Linear$/.test(className);
}
