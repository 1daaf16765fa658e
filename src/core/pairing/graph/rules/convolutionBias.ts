import { reason } from '../../../model/reason';
import { isFloatDType } from '../../../model/tensor';
import { describeNode } from '../describeNode';
import type { GraphRule } from './candidate';

/** Guard 9: a bias, where there is one, is a constant of the file. */
export const convolutionBias: GraphRule = ({ conv }) => {
  const { bias } = conv;
  if (!bias) return [];
  const { origin, tensor } = bias;
  if (origin.kind === 'computed') return [reason('BIAS_NOT_CONSTANT', describeNode(conv.node))];
  return isFloatDType(tensor.dtype) ? [] : [reason('DTYPE_UNSUPPORTED', tensor.name, tensor.dtype)];
};
