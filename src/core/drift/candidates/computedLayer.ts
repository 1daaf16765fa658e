import type { ConvLayer } from '../../model/layer';
import type { GraphNode } from '../../model/network';
import { contiguousStrides, isFloatDType } from '../../model/tensor';
import { convolutionOperators } from '../../pairing/graph/convolutions/operators';
import { readConvolution } from '../../pairing/graph/convolutions/readConvolution';
import type { Scope } from '../../pairing/graph/graphIndex';
import type { GraphConstants } from '../constants/graphConstants';
import type { FoldedLayer } from '../isolated';
import { spreadBias } from '../measureFold';
import { weightMatrix } from '../weightMatrix';
import type { CandidateLayer } from './candidateLayer';

/**
 * A convolution whose weight or bias other nodes compute, from constants as it may turn out when it is read; null when
 * the node is no convolution of ONNX's own.
 */
export function computedLayer(
  constants: GraphConstants,
  scope: Scope,
  node: GraphNode,
): CandidateLayer | null {
  const found = readConvolution(scope, node);
  const operator = convolutionOperators.get(node.opType);
  if (found === null || operator === undefined || node.domain !== '') return null;
  const { weight } = found.layer;
  return {
    name: node.name,
    channelBlock: null,
    read: () => {
      const value = constants.value(scope, node.inputs[operator.weightInput] ?? '');
      if (value === null || !isFloatDType(value.dtype) || value.shape.length < 2) return null;
      const { outputRank, ...shape } = operator.shape(node, value.shape);
      const conv: ConvLayer = {
        ...found.layer,
        ...shape,
        weight: {
          ...weight,
          dtype: value.dtype,
          shape: value.shape,
          strides: contiguousStrides(value.shape),
        },
      };
      const matrix = weightMatrix(conv, value.values);
      const biasName = operator.biasInput === null ? '' : (node.inputs[operator.biasInput] ?? '');
      const shift = biasName === '' ? null : constants.value(scope, biasName);
      if (biasName !== '' && shift === null) return null;
      return {
        weight: matrix,
        bias: shift && spreadBias(shift.values, matrix.channels, found.biasFactor ?? 1),
        dtype: value.dtype,
      } satisfies FoldedLayer;
    },
  };
}
