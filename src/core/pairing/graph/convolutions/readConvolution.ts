import type { GraphNode } from '../../../model/network';
import type { Scope } from '../graphIndex';
import { readParameter, type Parameter } from '../parameter';
import type { ConvolutionNode } from './convolutionNode';
import { convolutionOperators } from './operators';

/** Whether a node is a convolution or linear layer of a known kind, in whatever domain. */
export function isConvolution(node: GraphNode): boolean {
  return convolutionOperators.has(node.opType);
}

/** A convolution node as a layer, or null when the node is none or lacks its weight or output. */
export function readConvolution(scope: Scope, node: GraphNode): ConvolutionNode | null {
  const operator = convolutionOperators.get(node.opType);
  if (!operator) return null;
  const output = scope.resolve(node.outputs[0] ?? '');
  const weight = readParameter(scope, node, operator.weightInput);
  if (!output || !weight) return null;
  // A product of two activations, as in attention, is no layer.
  if (node.opType === 'MatMul' && isActivation(weight)) return null;
  const bias = operator.biasInput === null ? null : readParameter(scope, node, operator.biasInput);
  const { outputRank, ...shape } = operator.shape(node, weight.tensor.shape);
  return {
    node,
    scope,
    output,
    layer: {
      name: node.name,
      type: node.opType,
      weight: weight.tensor,
      bias: bias?.tensor ?? null,
      ...shape,
    },
    weight,
    bias,
    biasFactor: operator.biasFactor ? operator.biasFactor(node) : 1,
    outputRank,
  };
}

function isActivation({ origin }: Parameter): boolean {
  return origin.kind === 'computed' && origin.by?.opType !== 'DequantizeLinear';
}
