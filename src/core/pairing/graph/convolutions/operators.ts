import { numberAttribute } from '../attributes';
import type { ConvolutionOperator, ConvolutionShape } from './convolutionNode';
import type { GraphNode } from '../../../model/network';

/** [out, in/g, k…], specified by Conv and the deformable Conv alike. */
function convShape(node: GraphNode, shape: readonly number[]): ConvolutionShape {
  const groups = numberAttribute(node, 'group', 1) ?? 1;
  const [outChannels = 0, inPerGroup = 0, ...kernel] = shape;
  return {
    layout: 'OI*',
    groups,
    inChannels: inPerGroup * groups,
    outChannels,
    kernel,
    outputRank: shape.length,
  };
}

/** [in, out/g, k…]. */
function convTransposeShape(node: GraphNode, shape: readonly number[]): ConvolutionShape {
  const groups = numberAttribute(node, 'group', 1) ?? 1;
  const [inChannels = 0, outPerGroup = 0, ...kernel] = shape;
  return {
    layout: 'IO*',
    groups,
    inChannels,
    outChannels: outPerGroup * groups,
    kernel,
    outputRank: shape.length,
  };
}

/** [in, out], or [out, in] when transposed. */
function matrixShape(shape: readonly number[], isTransposed: boolean): ConvolutionShape {
  const [rows = 0, columns = 0] = shape.slice(-2);
  return {
    layout: isTransposed ? 'OI*' : 'IO*',
    groups: 1,
    inChannels: isTransposed ? columns : rows,
    outChannels: isTransposed ? rows : columns,
    kernel: [],
    // A product of higher rank is refused by the rule on channel axes.
    outputRank: 2,
  };
}

/** NVIDIA's sparse convolution keeps spconv 2's order [out, k…, in], whatever the checkpoint had (FOLDING.md C4). */
function sparseShape(node: GraphNode, shape: readonly number[]): ConvolutionShape {
  return {
    layout: 'O*I',
    groups: numberAttribute(node, 'groups', 1) ?? 1,
    inChannels: shape.at(-1) ?? 0,
    outChannels: shape[0] ?? 0,
    kernel: shape.slice(1, -1),
    outputRank: null,
  };
}

const conv: ConvolutionOperator = { weightInput: 1, biasInput: 2, shape: convShape };

/** Operators whose output is linear in a weight, by operator type. Domains are for the rules to judge. */
export const convolutionOperators: ReadonlyMap<string, ConvolutionOperator> = new Map([
  ['Conv', conv],
  // ONNX Runtime's own: a Conv with an activation inside.
  ['FusedConv', conv],
  ['ConvTranspose', { ...conv, shape: convTransposeShape }],
  ['DeformConv', { ...conv, biasInput: 3 }],
  [
    'Gemm',
    {
      weightInput: 1,
      biasInput: 2,
      shape: (node: GraphNode, shape: readonly number[]) =>
        // Any number but 0 transposes; runtimes agree on it.
        matrixShape(shape, (numberAttribute(node, 'transB', 0) ?? 0) !== 0),
      biasFactor: (node: GraphNode) => numberAttribute(node, 'beta', 1),
    },
  ],
  [
    'MatMul',
    {
      weightInput: 1,
      biasInput: null,
      shape: (_: GraphNode, shape: readonly number[]) => matrixShape(shape, false),
    },
  ],
  ['SparseConvolution', { weightInput: 1, biasInput: 2, shape: sparseShape }],
  // Quantized convolutions: known, so that the pair is shown with its reason.
  ['QLinearConv', { weightInput: 3, biasInput: 8, shape: convShape }],
  ['ConvInteger', { weightInput: 1, biasInput: null, shape: convShape }],
]);
