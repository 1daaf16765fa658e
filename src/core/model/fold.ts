import type { Pair } from './pair';
import type { FloatDType, Tensor } from './tensor';

/**
 * One loop of a walk over a weight's elements in the order they are stored, slowest first.
 * Stepping once along the axis moves by `stride` elements in storage, by `channelStep` output channels and by
 * `reductionStep` positions in the sum that makes one output. One of the two steps is 0.
 * Every layout is such a list: dense [O | I·k], spconv 1 [k·I | O], grouped transposed [g, I/g, O/g, k].
 */
export interface WeightAxis {
  readonly count: number;
  readonly stride: number;
  readonly channelStep: number;
  readonly reductionStep: number;
}

/** How every element of a weight tensor is scaled: element × scale[its output channel], in float64, rounded once. */
export interface WeightFold {
  readonly dtype: FloatDType;
  readonly axes: readonly WeightAxis[];
  /** One factor per output channel. */
  readonly scale: Float64Array;
}

/** What a fold changes, in numbers; formats turn it into bytes. */
export interface Fold {
  readonly pair: Pair;
  readonly weight: WeightFold;
  /** New bias per output channel, in float64, not yet rounded to the weight's dtype. */
  readonly bias: Float64Array;
  /** The BatchNorm as it was, for neutral replacements and for the check. */
  readonly reference: FoldReference;
  /** New values of quantizer buffers, in the buffer's own shape, row-major. */
  readonly quantizers: readonly { readonly tensor: Tensor; readonly values: Float64Array }[];
}

/** The unfolded arithmetic of a pair: conv bias, per-channel constants between, then BatchNorm. All [C]. */
export interface FoldReference {
  /** The convolution's own bias as it adds to the output (Gemm: beta·C); null for none. */
  readonly convBias: Float64Array | null;
  readonly between: readonly { readonly factor: Float64Array; readonly shift: Float64Array }[];
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly eps: number;
  /** The stored bias is multiplied by this when it is added (Gemm's `beta`); 1 otherwise. */
  readonly biasFactor: number;
}
