import { reason } from '../../../model/reason';
import { describeNode } from '../describeNode';
import { inferRank } from '../inferRank';
import type { GraphRule } from './candidate';

/** Guards 29 and 30: BatchNorm works on axis 1, where a matrix product has its features only at rank 2. */
export const channelAxis: GraphRule = ({ conv }) => {
  if (conv.node.opType !== 'MatMul') return [];
  const name = describeNode(conv.node);
  const weightRank = conv.weight.tensor.shape.length;
  if (weightRank !== 2) return [reason('MATMUL_NOT_RANK_2', name, weightRank)];
  const rank = inferRank(conv.scope.resolve(conv.node.inputs[0] ?? '')) ?? inferRank(conv.output);
  if (rank === null) return [reason('RANK_UNKNOWN', name)];
  return rank === 2 ? [] : [reason('MATMUL_NOT_RANK_2', name, rank)];
};
