import { reason } from '../../../model/reason';
import { isFloatDType } from '../../../model/tensor';
import { describeNode, describeUses } from '../describeNode';
import type { GraphRule } from './candidate';

/** Guards 4 and 9: a bias, where there is one, is a constant of the file; a shared one is copied. */
export const convolutionBias: GraphRule = ({ conv }) => {
  const { bias } = conv;
  if (!bias) return [];
  const { origin, tensor, otherUses } = bias;
  if (origin.kind === 'computed') return [reason('BIAS_NOT_CONSTANT', describeNode(conv.node))];
  return [
    ...(isFloatDType(tensor.dtype) ? [] : [reason('DTYPE_UNSUPPORTED', tensor.name, tensor.dtype)]),
    ...(otherUses.length > 0 ? [reason('SHARED_BIAS_COPIED', describeUses(otherUses))] : []),
  ];
};
