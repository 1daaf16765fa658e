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
  const { dtype } = fold.weight;
  const stored = makeNeutral(ctx, bn, { eps: fold.reference.eps, shift, dtype });
  const asBias = stored.map((value) => value / fold.reference.biasFactor);
  const weight = foldWeight(ctx, fold, conv, asBias);
  if (constantAt(ctx, conv, biasInput(conv)) !== null) {
    const zeros = encodeFloats(new Float64Array(fold.bias.length), fold.weight.dtype);
    storeBias(ctx, fold, conv, weight, zeros);
  }
  if (fold.reference.between.length > 0) emptyBetween(ctx, fold, { conv, bn, between });
}

/** What stands between is in the folded weight already: BatchNorms become identities, anything else goes. */
function emptyBetween(ctx: WriteContext, fold: Fold, { conv, bn, between }: PairNodes): void {
  const epsOf = new Map(
    fold.pair.between.flatMap((step) =>
      step.operation === 'batchNorm' ? [[step.layer.name, step.layer.eps]] : [],
    ),
  );
  let before = conv.node.outputs[0] ?? '';
  for (const node of [...between, bn]) {
    const eps = epsOf.get(node.node.name);
    if (node !== bn && eps === undefined) continue;
    changeOf(ctx, node).inputs.set(0, before);
    before = node.node.outputs[0] ?? '';
    const shift = new Float64Array(fold.bias.length);
    if (eps !== undefined) makeNeutral(ctx, node, { eps, shift, dtype: fold.weight.dtype });
  }
  for (const node of between.toReversed()) {
    if (!epsOf.has(node.node.name)) ctx.removal.removeNode(node);
  }
}
