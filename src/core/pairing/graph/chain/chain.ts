import type { GraphNode } from '../../../model/network';
import type { ConstantAffine, Pair } from '../../../model/pair';
import type { ConvolutionNode } from '../convolutions/convolutionNode';
import type { Scope, Value } from '../graphIndex';
import type { Parameter } from '../parameter';

/** One node between a convolution and a BatchNorm. */
export interface ChainStep {
  readonly node: GraphNode;
  readonly scope: Scope;
  readonly output: Value;
  readonly effect: StepEffect;
}

/** What a step does to the values on their way. */
export type StepEffect =
  /** Nothing at all in inference. */
  | { readonly kind: 'none' }
  /** A constant per channel, which folds along. */
  | {
      readonly kind: 'affine';
      readonly affine: ConstantAffine;
      readonly constant: Parameter;
    }
  /** Another BatchNormalization that folds into the convolution, as `pair` tells. */
  | { readonly kind: 'folded'; readonly pair: Pair }
  /** Another BatchNormalization that stays. */
  | { readonly kind: 'batchNorm' }
  /** Anything a fold cannot pass. */
  | { readonly kind: 'activation' | 'other' };

/** What feeds a BatchNorm: a convolution through a single chain of nodes, in order of execution, or something else. */
export type Chain =
  | {
      readonly kind: 'convolution';
      readonly conv: ConvolutionNode;
      readonly steps: readonly ChainStep[];
    }
  | { readonly kind: 'other'; readonly origin: string };
