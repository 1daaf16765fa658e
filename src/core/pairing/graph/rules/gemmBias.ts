import { reason } from '../../../model/reason';
import { describeNode } from '../describeNode';
import type { GraphRule } from './candidate';

/** Guard 29: Gemm adds beta·C, and C may vary over rows, which a BatchNorm's shift does not. */
export const gemmBias: GraphRule = ({ conv }) => {
  if (conv.node.opType !== 'Gemm') return [];
  const name = describeNode(conv.node);
  if (conv.biasFactor === null) return [reason('BIAS_NOT_CONSTANT', name)];
  if (!Number.isFinite(conv.biasFactor)) {
    return [reason('TENSOR_UNREADABLE', `beta of ${name}`, `it is ${conv.biasFactor}`)];
  }
  if (conv.biasFactor === 0) return [reason('GEMM_BETA_ZERO', name)];
  const shape = conv.bias?.tensor.shape ?? [];
  const rows = shape.slice(0, -1);
  const columns = shape.at(-1) ?? 1;
  const isPerColumn =
    rows.every((dim) => dim === 1) && (columns === 1 || columns === conv.layer.outChannels);
  return isPerColumn ? [] : [reason('GEMM_BIAS_PER_ROW', name)];
};
