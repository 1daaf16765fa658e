import type { ConvLayer } from '../../../model/layer';
import type { GraphNode } from '../../../model/network';
import type { Scope, Value } from '../graphIndex';
import type { Parameter } from '../parameter';

/** A node that multiplies its input by a weight, as a layer; what speaks against folding is for the rules to say. */
export interface ConvolutionNode {
  readonly node: GraphNode;
  readonly scope: Scope;
  readonly output: Value;
  readonly layer: ConvLayer;
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  /** Factor on the stored bias (Gemm's `beta`); null when it is not known here. */
  readonly biasFactor: number | null;
  /** Rank of the output where the operator or the weight tells it. */
  readonly outputRank: number | null;
}

/** What one operator knows of its layer, from its attributes and its weight's shape. */
export interface ConvolutionShape extends Pick<
  ConvLayer,
  'layout' | 'groups' | 'inChannels' | 'outChannels' | 'kernel'
> {
  readonly outputRank: number | null;
}

/** How one operator is read. Inputs are numbered as in its specification. */
export interface ConvolutionOperator {
  readonly weightInput: number;
  /** null for an operator without a bias. */
  readonly biasInput: number | null;
  readonly shape: (node: GraphNode, weightShape: readonly number[]) => ConvolutionShape;
  readonly biasFactor?: (node: GraphNode) => number | null;
}
