import type { Reason } from '../../../model/reason';
import type { BatchNormNode } from '../batchNormNode';
import type { ChainStep } from '../chain/chain';
import type { ConvolutionNode } from '../convolutions/convolutionNode';

/** A convolution that feeds a BatchNorm through a single chain; the rules tell what that is worth. */
export interface Candidate {
  readonly conv: ConvolutionNode;
  /** Nodes between, in order of execution. */
  readonly steps: readonly ChainStep[];
  readonly bn: BatchNormNode;
}

/** One guard: the reasons it has against (or its notes on) a candidate; none when all is well. */
export type GraphRule = (candidate: Candidate) => readonly Reason[];
