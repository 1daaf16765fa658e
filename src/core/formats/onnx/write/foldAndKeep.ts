import { encodeFloats } from '../../../bytes/floats';
import type { Fold } from '../../../model/fold';
import { biasInput, foldWeight, storeBias } from './foldConvolution';
import { makeNeutral } from './makeNeutral';
import type { PairNodes } from './pairNodes';
import { changeOf, constantAt } from './storeValues';
import type { WriteContext } from './writeContext';

/** Scales the weight and makes the BatchNorm add the new bias and nothing else (DESIGN.md, drop-in). */
export function foldAndKeep(ctx: WriteContext, fold: Fold, { conv, bn, between }: PairNodes): void {
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
