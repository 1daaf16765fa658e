import { reason, type Reason } from '../../../model/reason';
import type { ChainStep } from '../chain/chain';
import { describeNode } from '../describeNode';
import type { GraphRule } from './candidate';

/** Guards 1, 12 and 35: what stands between convolution and BatchNorm is harmless, folds along, or stops the fold. */
export const chainSteps: GraphRule = ({ steps }) => steps.flatMap(judge);

function judge({ node, effect }: ChainStep): readonly Reason[] {
  const name = describeNode(node);
  switch (effect.kind) {
    case 'none':
    case 'affine':
    case 'folded':
      return [reason('LOOKED_THROUGH', name)];
    case 'batchNorm':
      return [reason('BATCHNORM_BETWEEN', name)];
    case 'activation':
      return [reason('ACTIVATION_BETWEEN', name)];
    case 'other':
      return [reason(node.opType === 'Cast' ? 'CAST_BETWEEN' : 'OPERATOR_BETWEEN', name)];
  }
}
