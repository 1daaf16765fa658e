import type { GraphNode } from '../../../model/network';
import type { ConstantAffine } from '../../../model/pair';
import { isFloatDType } from '../../../model/tensor';
import { numberAttribute } from '../attributes';
import type { ConvolutionNode } from '../convolutions/convolutionNode';
import type { Scope } from '../graphIndex';
import { readParameter, type Parameter } from '../parameter';

const operations: ReadonlyMap<string, ConstantAffine['operation']> = new Map([
  ['Add', 'add'],
  ['Sub', 'sub'],
  ['Mul', 'mul'],
  ['Div', 'div'],
]);

/** Before this opset two shapes only met when the attributes `broadcast` and `axis` said so. */
const NUMPY_BROADCAST_OPSET = 7;

/**
 * An element-wise operation of the convolution's output with a constant that is a scalar or one value per output
 * channel; null when the node is anything else. A constant divided by the output is no affine map.
 */
export function channelAffine(
  scope: Scope,
  node: GraphNode,
  conv: ConvolutionNode,
): { readonly affine: ConstantAffine; readonly constant: Parameter } | null {
  const operation = operations.get(node.opType);
  if (operation === undefined || node.inputs.length !== 2) return null;
  const [first, second] = [readParameter(scope, node, 0), readParameter(scope, node, 1)];
  const isConstantFirst = first !== null && first.origin.kind !== 'computed';
  const constant = isConstantFirst ? first : second;
  if (!constant || constant.origin.kind === 'computed' || !isFloatDType(constant.tensor.dtype)) {
    return null;
  }
  if (isConstantFirst && operation === 'div') return null;
  const { shape } = constant.tensor;
  const fits =
    scope.opset < NUMPY_BROADCAST_OPSET
      ? isLegacyPerChannel(node, shape, conv.layer.outChannels)
      : isPerChannel(shape, conv.outputRank, conv.layer.outChannels);
  if (!fits) return null;
  return { affine: { operation, constant: constant.tensor, isConstantFirst }, constant };
}

/** Whether a shape broadcasts along axis 1 of the output and along no other, without making the output larger. */
function isPerChannel(
  shape: readonly number[],
  outputRank: number | null,
  channels: number,
): boolean {
  const rank = outputRank ?? 1;
  return (
    shape.length <= rank &&
    shape.every((dim, idx) => {
      const axis = rank - shape.length + idx;
      return dim === 1 || (axis === 1 && dim === channels);
    })
  );
}

/** The rule of opsets 1 to 6: the second operand is a scalar, or starts at `axis` of the first. */
function isLegacyPerChannel(node: GraphNode, shape: readonly number[], channels: number): boolean {
  if (numberAttribute(node, 'broadcast', 0) !== 1) return false;
  if (shape.every((dim) => dim === 1)) return true;
  const [first, ...rest] = shape;
  return (
    numberAttribute(node, 'axis', -1) === 1 && first === channels && rest.every((dim) => dim === 1)
  );
}
