import type { Tensor } from './tensor';

/**
 * Where a convolution's weight keeps its output channels.
 * `OI*` dense [out, in/g, k…] · `IO*` transposed [in, out/g, k…] · `*IO` spconv 1 [k…, in, out] ·
 * `O*I` spconv 2 [out, k…, in] · `IO-flat` spconv 2 with one tap: stored as [out, 1…, in] but used as
 * `weight.view(in, out)` (FOLDING.md 38), so no single axis is the output axis.
 */
export type WeightLayout = 'OI*' | 'IO*' | '*IO' | 'O*I' | 'IO-flat';

/** A convolution, linear layer or sparse convolution, with what a fold needs to know of it. */
export interface ConvLayer {
  /** Unique name: ONNX node name or first output, or state_dict path without the parameter's name. */
  readonly name: string;
  /** The model world's own word: `Conv`, `ConvTranspose`, `Gemm`, `MatMul`, `Conv2d`, `SubMConv3d`, `SparseConvolution`… */
  readonly type: string;
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  readonly layout: WeightLayout;
  readonly groups: number;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Kernel extents, [] for linear layers. */
  readonly kernel: readonly number[];
}

/** Where the value of a BatchNorm's epsilon comes from (DESIGN.md section 4), best first. */
export type EpsSource =
  'user' | 'attribute' | 'module' | 'structure' | 'config' | 'statistics' | 'family' | 'default';

/** A BatchNorm in inference. Absent gamma and beta count as 1 and 0 (`affine=False`). */
export interface BatchNormLayer {
  readonly name: string;
  /** `BatchNormalization`, `BatchNorm2d`, `SyncBatchNorm`, `FrozenBatchNorm2d`… */
  readonly type: string;
  readonly channels: number;
  readonly eps: number;
  readonly epsSource: EpsSource;
  /** For an assumed eps, another value that is as likely by the layer's name. */
  readonly epsRival?: number;
  readonly gamma: Tensor | null;
  readonly beta: Tensor | null;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Index of the output axis in the weight's shape, or null where no single axis is (`IO-flat`). */
export function outAxis(layout: WeightLayout, rank: number): number | null {
  switch (layout) {
    case 'OI*':
    case 'O*I':
      return 0;
    case 'IO*':
      return 1;
    case '*IO':
      return rank - 1;
    case 'IO-flat':
      return null;
  }
}
