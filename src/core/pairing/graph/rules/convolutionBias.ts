import { reason } from '../../../model/reason';
import { elementCount, isFloatDType } from '../../../model/tensor';
import { describeNode } from '../describeNode';
import type { GraphRule } from './candidate';

/** Guard 9: a bias, where there is one, is a constant of the file, with a value for each channel or one for all. */
export const convolutionBias: GraphRule = ({ conv }) => {
  const { bias } = conv;
  if (!bias) return [];
  const { origin, tensor } = bias;
  if (origin.kind === 'computed') return [reason('BIAS_NOT_CONSTANT', describeNode(conv.node))];
  if (!isFloatDType(tensor.dtype)) return [reason('DTYPE_UNSUPPORTED', tensor.name, tensor.dtype)];
  const { outChannels, weight } = conv.layer;
  const count = elementCount(tensor.shape);
  // Gemm has a rule of its own, and a weight without channels is told by another one.
  const isJudged = conv.node.opType !== 'Gemm' && weight.shape.length > 1;
  return isJudged && count !== outChannels && count !== 1
    ? [
        reason(
          'TENSOR_UNREADABLE',
          tensor.name,
          `it has ${count} values for ${outChannels} channels`,
        ),
      ]
    : [];
};
