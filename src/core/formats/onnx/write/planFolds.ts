import { decodeFloats, encodeFloats } from '../../../bytes/floats';
import type { ByteSource } from '../../../bytes/byteSource';
import type { FoldPiece, OutputPlan } from '../../../bytes/outputPlan';
import { ModelFormatError, UnsupportedModelError } from '../../../errors';
import type { Fold } from '../../../model/fold';
import type { PlanOptions } from '../../../model/openedModel';
import { nodesBelow } from '../read/giveNames';
import type { NodeRecord, OnnxRecord, TensorRecord } from '../records';
import type { WireReader } from '../wire/wireReader';
import { planDataFiles, retargetTensors } from './dataFiles';
import { Definitions } from './definitions';
import { findOverlapping } from './findOverlapping';
import { makeNeutral } from './makeNeutral';
import { intAttribute } from './newTensor';
import { nodeEdits } from './nodeChange';
import { findPairNodes, type PairNodes } from './pairNodes';
import { bytesPiece, totalLength } from './protoPieces';
import { rescaleDynamicRanges } from './rescaleDynamicRanges';
import { Removal } from './removal';
import { splice, type Edit } from './splice';
import { changeOf, constantAt, elementsOf, sizeOf, storeInput } from './storeValues';
import type { WriteContext } from './writeContext';

/** Inputs of Conv, ConvTranspose, Gemm, MatMul and SparseConvolution alike; DeformConv has its offsets before the bias. */
const WEIGHT_INPUT = 1;
const BIAS_INPUT = 2;
const DEFORMABLE_BIAS_INPUT = 3;
/** Input of a BatchNormalization. */
const MEAN_INPUT = 3;
/** Protobuf refuses messages of 2 GiB and more. */
const MAX_MODEL_BYTES = 2 ** 31 - 1;
/** Before this version C of a Gemm was broadcast only when an attribute said so. */
const FIRST_OPSET_WITH_BROADCAST = 7;

/**
 * The fused model as pieces over the original: what no fold touches is copied byte for byte.
 * @throws ModelFormatError when a weight cannot be read; RequestError when a pair does not fit the model.
 */
export function planFolds(
  record: OnnxRecord,
  sources: readonly ByteSource[],
  reader: WireReader,
  folds: readonly Fold[],
  options: PlanOptions,
): OutputPlan {
  const definitions = new Definitions(record);
  const edits: Edit[] = [];
  const dataFiles = planDataFiles(record, sources, options.outputName);
  const ctx: WriteContext = {
    record,
    reader,
    definitions,
    removal: new Removal(definitions, edits),
    edits,
    nodeChanges: new Map(),
    dataFiles,
    overlapping: findOverlapping(record.externalTensors),
  };
  const nodesByName = new Map([...nodesBelow(record.graphs)].map((node) => [node.node.name, node]));
  for (const fold of folds) {
    const nodes = findPairNodes(nodesByName, definitions, fold.pair);
    if (options.mode === 'drop-in') foldAndKeep(ctx, fold, nodes);
    else foldAndRemove(ctx, fold, nodes);
  }
  for (const [node, change] of ctx.nodeChanges) edits.push(...nodeEdits(reader, node, change));
  const writtenFiles = retargetTensors(ctx);
  const pieces = splice(record.root, edits);
  if (totalLength(pieces) > MAX_MODEL_BYTES && record.root.end <= MAX_MODEL_BYTES) {
    throw new UnsupportedModelError(
      'the fused model would exceed the 2 GiB that an ONNX file can have: keep its weights as external data',
    );
  }
  return {
    files: [
      { name: options.outputName, pieces, checksums: [] },
      ...writtenFiles.map((file) => file.outputFile()),
    ],
  };
}

/** Scales the weight, gives the convolution the new bias and the BatchNorm's output, and takes the BatchNorm away. */
function foldAndRemove(ctx: WriteContext, fold: Fold, nodes: PairNodes): void {
  const { conv, bn, between } = nodes;
  const bias = encodeFloats(fold.bias, fold.weight.dtype);
  const weight = foldWeight(ctx, fold, conv, decodeFloats(bias, fold.weight.dtype));
  storeBias(ctx, fold, conv, weight, bias);
  takeOutput(ctx, conv, bn);
  ctx.removal.removeNode(bn, bn.node.outputs[0]);
  for (const node of between.toReversed()) ctx.removal.removeNode(node);
  removeBatchCounter(ctx, bn);
}

/** Scales the weight and makes the BatchNorm add the new bias and nothing else (DESIGN.md, drop-in). */
function foldAndKeep(ctx: WriteContext, fold: Fold, { conv, bn, between }: PairNodes): void {
  const shift = fold.bias.map((value) => value * fold.reference.biasFactor);
  const stored = makeNeutral(ctx, bn, fold.reference.eps, shift);
  const asBias = stored.map((value) => value / fold.reference.biasFactor);
  const weight = foldWeight(ctx, fold, conv, asBias);
  if (constantAt(ctx, conv, biasInput(conv)) !== null) {
    const zeros = encodeFloats(new Float64Array(fold.bias.length), fold.weight.dtype);
    storeBias(ctx, fold, conv, weight, zeros);
  }
  if (fold.reference.between.length === 0) return;
  // Constants between the two are in the folded weight already, so the BatchNorm reads the convolution directly.
  changeOf(ctx, bn).inputs.set(0, conv.node.outputs[0] ?? '');
  for (const node of between.toReversed()) ctx.removal.removeNode(node);
}

function foldWeight(
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

function storeBias(
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

function biasInput({ node }: NodeRecord): number {
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

/** PyTorch's exporter leaves the BatchNorm's `num_batches_tracked` in the file, read by nobody: it goes along. */
function removeBatchCounter({ definitions, removal }: WriteContext, bn: NodeRecord): void {
  const mean = bn.node.inputs[MEAN_INPUT] ?? '';
  if (!mean.endsWith('running_mean')) return;
  const counter = mean.replace(/running_mean$/, 'num_batches_tracked');
  const definition = definitions.resolve(bn.graph, counter);
  if (definition?.uses === 0) removal.removeConstant(definition);
}

/** The convolution gives what the BatchNorm gave, under its name: outputs of a graph keep theirs. */
function takeOutput(ctx: WriteContext, conv: NodeRecord, bn: NodeRecord): void {
  changeOf(ctx, conv).output = bn.node.outputs[0] ?? '';
  ctx.removal.forgetDeclarations(conv.graph, conv.node.outputs[0] ?? '');
}
