import { weightAxes } from '../../../folding/weightAxes';
import { reason, type Reason } from '../../../model/reason';
import { isFloatDType } from '../../../model/tensor';
import { describeNode } from '../describeNode';
import type { ConvolutionNode } from '../convolutions/convolutionNode';
import type { GraphRule } from './candidate';

/** Guards 7, 9, 33 and 55: the weight is a floating-point constant of the file. */
export const convolutionWeight: GraphRule = ({ conv }) => {
  const { weight } = conv;
  const name = describeNode(conv.node);
  if (weight.origin.kind === 'computed') {
    const source = weight.origin.by?.opType;
    return source === 'DequantizeLinear'
      ? [reason('WEIGHT_QUANTIZED', name, source)]
      : [reason('WEIGHT_NOT_CONSTANT', name)];
  }
  return isFloatDType(weight.tensor.dtype) ? storage(conv) : [unsupported(conv)];
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
