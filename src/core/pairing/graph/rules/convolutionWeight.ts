import { weightAxes } from '../../../folding/weightAxes';
import { reason, type Reason } from '../../../model/reason';
import { isFloatDType } from '../../../model/tensor';
import { describeNode, describeUses } from '../describeNode';
import type { ConvolutionNode } from '../convolutions/convolutionNode';
import type { GraphRule } from './candidate';

/** Guards 4, 7, 8, 9, 33 and 55: the weight is a floating-point constant of the file; a shared one is copied. */
export const convolutionWeight: GraphRule = ({ conv }) => {
  const { weight } = conv;
  const name = describeNode(conv.node);
  if (weight.origin.kind === 'computed') {
    const source = weight.origin.by?.opType;
    return source === 'DequantizeLinear'
      ? [reason('WEIGHT_QUANTIZED', name, source)]
      : [reason('WEIGHT_NOT_CONSTANT', name)];
  }
  if (!isFloatDType(weight.tensor.dtype)) return [unsupported(conv)];
  return [
    ...(weight.otherUses.length > 0
      ? [reason('SHARED_WEIGHT_COPIED', describeUses(weight.otherUses))]
      : []),
    ...storage(conv),
  ];
};

const quantizedOperators = new Set(['QLinearConv', 'ConvInteger']);

function unsupported({ node, weight: { tensor } }: ConvolutionNode): Reason {
  return quantizedOperators.has(node.opType)
    ? reason('WEIGHT_QUANTIZED', describeNode(node), tensor.dtype)
    : reason('DTYPE_UNSUPPORTED', tensor.name, tensor.dtype);
}

function storage({ layer }: ConvolutionNode): readonly Reason[] {
  const { location, name } = layer.weight;
  if (location.kind === 'absent') {
    return [reason('TENSOR_UNREADABLE', name, location.why ?? 'the file does not hold its values')];
  }
  const walk = weightAxes(layer);
  return walk.kind === 'refused' ? [walk.reason] : [];
}
