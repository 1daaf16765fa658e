import type { CandidateLayer } from '../../core/drift/candidates/candidateLayer';
import { listCandidates } from '../../core/drift/candidates/listCandidates';
import { coarserDType } from '../../core/drift/coarserDType';
import { whyNoComposition } from '../../core/drift/composition';
import type { Neighbour } from '../../core/drift/explainFold';
import type { FoldedLayer } from '../../core/drift/isolated';
import { layerSignature, matchLayers, type LayerSignature } from '../../core/drift/matchLayers';
import { composedLayer, isSameWeight, originalWeight, ownFold } from '../../core/drift/measureFold';
import type { WeightMatrix } from '../../core/drift/weightMatrix';
import type { Fold } from '../../core/model/fold';
import type { OpenedModel } from '../../core/model/openedModel';
import type { Pair, Pairing } from '../../core/model/pair';
import type { JobContext } from '../jobs/jobContext';
import { foldIfPossible } from './foldIfPossible';

/** A layer of the fused side. `name` is null for the fold that a fuse would write. */
export interface Counterpart {
  readonly name: string | null;
  readonly layer: FoldedLayer;
  /** The BatchNorm that still follows it unfolded in the fused file, or null. */
  readonly bn: string | null;
  /** Layer of the fused file whose output is the pair's result. */
  readonly result: string;
  /** Channels that lie side by side in that output; null for the usual order. */
  readonly channelBlock: number | null;
}

/** Finds the fused layer of each fold. */
export interface Counterparts {
  /** Null when the fused file has no such layer. */
  of(fold: Fold, original: WeightMatrix): Counterpart | null;
}

/** The folds as a fuse would store them. */
export const ownCounterparts: Counterparts = {
  // A fuse gives the convolution the BatchNorm's output, so the result keeps its place.
  of: (fold, original) => ({
    name: null,
    layer: ownFold(fold, original),
    bn: null,
    result: fold.pair.bn.name,
    channelBlock: null,
  }),
};

/** A model and what pairing found in it. */
export interface PairedModel {
  readonly model: OpenedModel;
  readonly pairing: Pairing;
}

/**
 * Layers of another file, whatever tool and container it came from. They are found by their weights; every weight
 * of both files is read once, and only thinned copies are kept.
 */
export async function foreignCounterparts(
  folds: readonly Fold[],
  reference: PairedModel,
  candidate: PairedModel,
  context: JobContext,
): Promise<Counterparts> {
  const candidates = listCandidates(
    candidate.model,
    candidate.pairing,
    folds.map(({ pair }) => pair.conv),
  );
  const references: LayerSignature[] = [];
  for (const fold of folds) {
    await context.checkpoint();
    references.push(layerSignature(fold.pair.conv.name, originalWeight(reference.model, fold)));
  }
  const signatures: (LayerSignature & { readonly layer: CandidateLayer })[] = [];
  for (const layer of candidates) {
    await context.checkpoint();
    const stored = layer.read();
    if (stored !== null) signatures.push({ ...layerSignature(layer.name, stored.weight), layer });
  }
  const matches = matchLayers(references, signatures);
  return {
    of: (fold, original) => {
      const layer = matches.get(fold.pair.conv.name)?.layer;
      const read = layer?.read() ?? null;
      if (layer === undefined || read === null) return null;
      const stored = { ...read, dtype: coarserDType(read.dtype, fold.weight.dtype) };
      const { name, channelBlock } = layer;
      const pair = candidate.pairing.pairs.find(
        (one) => one.conv.name === name && whyNoComposition(one) === null,
      );
      // A further BatchNorm of the same convolution may have stayed: it is no part of this fold.
      const isFurther = reference.pairing.pairs.some(
        ({ id, bn }) => id !== fold.pair.id && bn.name === pair?.bn.name,
      );
      // The layer's own bias is in its numbers already, also where other nodes compute it.
      const [behind] = pair === undefined ? [] : foldIfPossible(candidate.model, withoutBias(pair));
      if (pair === undefined || behind === undefined || isFurther) {
        return { name, layer: stored, bn: null, result: name, channelBlock };
      }
      // A drop-in file keeps a neutral BatchNorm behind a folded convolution; an unfolded one the real BatchNorm.
      const isFolded = !isSameWeight(stored.weight, original);
      const composed = composedLayer(stored, behind);
      const result = pair.bn.name;
      return { name, layer: composed, bn: isFolded ? null : result, result, channelBlock };
    },
  };
}

/** Numbers of every other BatchNorm with as many channels, for the recipe that took the wrong one. */
export function neighboursOf(fold: Fold, folds: readonly Fold[]): Neighbour[] {
  return folds
    .filter(
      (other) => other !== fold && other.reference.gamma.length === fold.reference.gamma.length,
    )
    .map((other) => ({ name: other.pair.bn.name, reference: other.reference }));
}

function withoutBias(pair: Pair): Pair {
  return { ...pair, conv: { ...pair.conv, bias: null } };
}
