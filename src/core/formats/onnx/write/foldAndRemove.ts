import { decodeFloats, encodeFloats } from '../../../bytes/floats';
import type { Fold } from '../../../model/fold';
import type { NodeRecord } from '../records';
import { foldWeight, storeBias } from './foldConvolution';
import type { PairNodes } from './pairNodes';
import { changeOf } from './storeValues';
import type { WriteContext } from './writeContext';

/** Input of a BatchNormalization. */
const MEAN_INPUT = 3;

/** Scales the weight, gives the convolution the new bias and the BatchNorm's output, and takes the BatchNorm away. */
export function foldAndRemove(ctx: WriteContext, fold: Fold, nodes: PairNodes): void {
  const { conv, bn, between } = nodes;
  const bias = encodeFloats(fold.bias, fold.weight.dtype);
  const weight = foldWeight(ctx, fold, conv, decodeFloats(bias, fold.weight.dtype));
  storeBias(ctx, fold, conv, weight, bias);
  takeOutput(ctx, conv, bn);
  ctx.removal.removeNode(bn, bn.node.outputs[0]);
  for (const node of between.toReversed()) ctx.removal.removeNode(node);
  for (const node of [...between, bn]) removeBatchCounter(ctx, node);
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
