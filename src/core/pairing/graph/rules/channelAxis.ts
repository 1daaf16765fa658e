import { reason } from '../../../model/reason';
import { numberAttribute } from '../attributes';
import { describeNode } from '../describeNode';
import { inferRank } from '../inferRank';
import type { GraphRule } from './candidate';

/** Guards 29 and 30: BatchNorm works on axis 1, where a matrix product has its features only at rank 2. */
export const channelAxis: GraphRule = ({ conv }) => {
  const name = describeNode(conv.node);
  if (conv.node.opType === 'Gemm') {
    // A function may leave it to its calls which axis of the weight is the output's.
    const isKnown = numberAttribute(conv.node, 'transB', 0) !== null;
    return isKnown ? [] : [reason('WEIGHT_NOT_CONSTANT', name)];
  }
  if (conv.node.opType !== 'MatMul') return [];
  const weightRank = conv.weight.tensor.shape.length;
  if (weightRank !== 2) return [reason('MATMUL_NOT_RANK_2', name, weightRank)];
  const rank = inferRank(conv.scope.resolve(conv.node.inputs[0] ?? '')) ?? inferRank(conv.output);
  if (rank === null) return [reason('RANK_UNKNOWN', name)];
  return rank === 2 ? [] : [reason('MATMUL_NOT_RANK_2', name, rank)];
};
