import type { FindingSentence } from './findingSentence';
import type { BatchNormLayer, ConvLayer } from './layer';
import type { Reason } from './reason';
import type { Tensor } from './tensor';

/** How a pair is known: data flow, a module tree, or the names in a state_dict. */
export type Evidence = 'graph' | 'modules' | 'names';

/** `skipped` is possible but left by policy or user; `blocked` would change the result or cannot be proved. */
export type Verdict = 'fusable' | 'skipped' | 'blocked';

/** `bevfusion` folds what NVIDIA's recipe folds (Conv2d and sparse convolutions); `all` folds everything that is right. */
export type Policy = 'bevfusion' | 'all';

/**
 * What the BatchNorm's own running statistics say about the pair (FOLDING.md section 7), in numbers and in one
 * sentence a person understands.
 */
export interface StatisticsFinding extends FindingSentence {
  readonly says: 'confirms' | 'silent' | 'contradicts';
  /** Correlation of predicted and stored running means, 0 to 1; null when no test applied. */
  readonly fit: number | null;
  /** Name of the layer whose output the convolution was fed with, when the numbers tell; of several, the last. */
  readonly from: string | null;
  /** Activation found in front of the convolution: `none`, `relu`, `relu6`…; null when unknown. */
  readonly activation: string | null;
  /** Where it is unknown and yet can only be one of two: these. */
  readonly activations?: readonly string[];
  /** All of the convolution's input in words, where it is more than one layer's output: `relu(a + b)`. */
  readonly fedBy?: string;
  /** Share of channels with a negative running mean, 0 to 1. */
  readonly negativeMeans: number;
}

/** A convolution and the BatchNorm that may fold into it. */
export interface Pair {
  /** The convolution's name; `<conv>#<bn>` for the second BatchNorm of one convolution. Stable: `--only` takes it. */
  readonly id: string;
  readonly conv: ConvLayer;
  readonly bn: BatchNormLayer;
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  readonly statistics: StatisticsFinding | null;
  /** Per-channel constants between convolution and BatchNorm, in order of execution; they fold along. */
  readonly between: readonly ChannelAffine[];
  /**
   * Id of the pair whose BatchNorm stands between, of several the last. The fold of this pair holds that one's as well,
   * so it takes place only together with it.
   */
  readonly foldsAfter?: string;
  /** Set for Gemm with C scaled by `beta`: the stored bias is divided by it. 1 otherwise. */
  readonly biasFactor: number;
  /** Whether the weight (or bias) tensor has other users and a fold needs a private copy. */
  readonly copiesWeight: boolean;
  readonly copiesBias: boolean;
  /** Quantizer buffers that belong to the convolution (`_weight_quantizer._amax` …). */
  readonly quantizers: readonly QuantizerBuffer[];
}

/** What happens to each channel between a convolution and a BatchNorm: a constant, or another BatchNorm. */
export type ChannelAffine = ConstantAffine | BatchNormAffine;

export interface BatchNormAffine {
  readonly operation: 'batchNorm';
  readonly layer: BatchNormLayer;
}

/** y ← operation(y, constant), with a constant that is a scalar or one value per output channel. */
export interface ConstantAffine {
  readonly operation: 'mul' | 'add' | 'sub' | 'div';
  readonly constant: Tensor;
  /** `constant ∘ y` instead of `y ∘ constant`; matters for `sub`. */
  readonly isConstantFirst: boolean;
}

/** An `_amax` buffer of a quantizer on the convolution's weight. */
export interface QuantizerBuffer {
  readonly tensor: Tensor;
  /** Per-channel amax is rescaled by |scale|; a per-tensor amax is kept and reported stale. */
  readonly granularity: 'channel' | 'tensor';
}

/** A BatchNorm no convolution feeds. */
export interface UnpairedBatchNorm {
  readonly bn: string;
  readonly reasons: readonly Reason[];
}

/** What pairing found. Analysis never throws for one odd layer: it reports. */
export interface Pairing {
  readonly pairs: readonly Pair[];
  readonly unpaired: readonly UnpairedBatchNorm[];
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  /** Layer the problem is about, when there is one: it is shown on that layer's line. */
  readonly layer?: string;
}
