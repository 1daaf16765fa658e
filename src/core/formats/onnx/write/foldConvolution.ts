import { ModelFormatError } from '../../../errors';
import type { FoldPiece } from '../../../bytes/outputPlan';
import type { Fold } from '../../../model/fold';
import type { NodeRecord, TensorRecord } from '../records';
import { intAttribute } from './newTensor';
import { bytesPiece } from './protoPieces';
import { rescaleDynamicRanges } from './rescaleDynamicRanges';
import { changeOf, constantAt, elementsOf, sizeOf, storeInput } from './storeValues';
import type { WriteContext } from './writeContext';

/** Inputs of Conv, ConvTranspose, Gemm, MatMul and SparseConvolution alike; DeformConv has its offsets before the bias. */
const WEIGHT_INPUT = 1;
const BIAS_INPUT = 2;
const DEFORMABLE_BIAS_INPUT = 3;
/** Before this version C of a Gemm was broadcast only when an attribute said so. */
const FIRST_OPSET_WITH_BROADCAST = 7;

/**
 * Scales a convolution's weight, in its place or in a private copy, and gives the weight as it was. `storedBias` is what
 * the folded layer will add, rounded as it will be stored; the check of the fold needs it.
 */
export function foldWeight(
  ctx: WriteContext,
  fold: Fold,
  conv: NodeRecord,
  storedBias: Float64Array,
): TensorRecord {
  const { pair, weight, reference } = fold;
  const constant = constantAt(ctx, conv, WEIGHT_INPUT);
  if (constant === null) {
    throw new ModelFormatError(`the weight of ${pair.conv.name} is no constant of the file`);
  }
  const { tensor } = constant;
  const piece: FoldPiece = {
    kind: 'fold',
    id: pair.id,
    from: elementsOf(ctx.reader, tensor),
    length: sizeOf(tensor),
    weight,
    check: { reference, storedBias },
  };
  rescaleDynamicRanges(ctx, conv, weight.scale);
  storeInput(ctx, conv, WEIGHT_INPUT, {
    piece,
    elementType: tensor.elementType,
    shape: tensor.tensor.shape,
    wantedName: `${pair.conv.name}.weight`,
    isCopy: pair.copiesWeight,
  });
  return tensor;
}

/** Gives a convolution the bias `bytes`, elements of its weight's type; a MatMul becomes a Gemm to have one. */
export function storeBias(
  ctx: WriteContext,
  fold: Fold,
  conv: NodeRecord,
  weight: TensorRecord,
  bytes: Uint8Array,
): void {
  const { pair } = fold;
  storeInput(ctx, conv, biasInput(conv), {
    piece: bytesPiece(bytes),
    elementType: weight.elementType,
    shape: [fold.bias.length],
    wantedName: biasName(weight.valueName, pair.conv.name),
    isCopy: pair.copiesBias,
  });
  const { node } = conv;
  if (node.domain !== '' || (node.opType !== 'MatMul' && node.opType !== 'Gemm')) return;
  const change = changeOf(ctx, conv);
  // A Gemm is a MatMul with a bias; pairing has made sure that both factors are matrices.
  if (node.opType === 'MatMul') change.opType = 'Gemm';
  const isBroadcast = opsetOf(ctx, conv) >= FIRST_OPSET_WITH_BROADCAST;
  if (!isBroadcast && !node.attributes.has('broadcast')) {
    change.attributes.push(...intAttribute('broadcast', 1));
  }
}

/** The input a convolution reads its bias at. */
export function biasInput({ node }: NodeRecord): number {
  return node.opType === 'DeformConv' ? DEFORMABLE_BIAS_INPUT : BIAS_INPUT;
}

function opsetOf({ record }: WriteContext, { graph }: NodeRecord): number {
  let outermost = graph;
  while (outermost.parent !== null) outermost = outermost.parent;
  return (outermost.graph.opsets ?? record.opsets).get('') ?? 1;
}

/** `layer.weight` has `layer.bias` beside it; other names come from the node. */
function biasName(weightName: string, convName: string): string {
  return weightName.endsWith('weight')
    ? `${weightName.slice(0, -'weight'.length)}bias`
    : `${convName}.bias`;
}
