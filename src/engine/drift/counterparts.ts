import type { Neighbour } from '../../core/drift/explainFold';
import type { FoldedLayer } from '../../core/drift/isolated';
import { layerSignature, matchLayers } from '../../core/drift/matchLayers';
import { composedLayer, isSameWeight, ownFold, storedLayer } from '../../core/drift/measureFold';
import type { WeightMatrix } from '../../core/drift/weightMatrix';
import { foldPair } from '../../core/folding/foldPair';
import type { Fold } from '../../core/model/fold';
import type { ConvLayer } from '../../core/model/layer';
import type { OpenedModel } from '../../core/model/openedModel';
import type { Pairing } from '../../core/model/pair';
import { listConvolutions } from '../../core/pairing/listConvolutions';
import type { JobContext } from '../jobs/jobContext';

/** A layer of the fused side. `name` is null for the fold that a fuse would write. */
export interface Counterpart {
  readonly name: string | null;
  readonly layer: FoldedLayer;
  /** The BatchNorm that still follows it unfolded in the fused file, or null. */
  readonly bn: string | null;
  /** Layer of the fused file whose output is the pair's result. */
  readonly result: string;
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
  const layers = new Map(
    listConvolutions(
      candidate.model,
      candidate.pairing,
      folds.map(({ pair }) => pair.conv),
    ).map((conv) => [conv.name, conv]),
  );
  const signatures = async (model: OpenedModel, convs: Iterable<ConvLayer>) => {
    const found = [];
    for (const conv of convs) {
      await context.checkpoint();
      const stored = readable(model, conv);
      if (stored !== null) found.push(layerSignature(conv.name, stored.weight));
    }
    return found;
  };
  const matches = matchLayers(
    await signatures(
      reference.model,
      folds.map(({ pair }) => pair.conv),
    ),
    await signatures(candidate.model, layers.values()),
  );
  return {
    of: (fold, original) => {
      const conv = layers.get(matches.get(fold.pair.conv.name) ?? '');
      const stored = conv === undefined ? null : readable(candidate.model, conv);
      if (conv === undefined || stored === null) return null;
      const pair = candidate.pairing.pairs.find((one) => one.conv.name === conv.name);
      const { name } = conv;
      // A further BatchNorm of the same convolution may have stayed: it is no part of this fold.
      const isFurther = reference.pairing.pairs.some(
        ({ id, bn }) => id !== fold.pair.id && bn.name === pair?.bn.name,
      );
      if (pair === undefined || isFurther) {
        return { name, layer: stored, bn: null, result: name };
      }
      // A drop-in file keeps a neutral BatchNorm behind a folded convolution; an unfolded one the real BatchNorm.
      const isFolded = !isSameWeight(stored.weight, original);
      const composed = composedLayer(stored, foldPair(candidate.model, pair));
      const result = pair.bn.name;
      return { name, layer: composed, bn: isFolded ? null : result, result };
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

function readable(model: OpenedModel, conv: ConvLayer): FoldedLayer | null {
  return conv.weight.location.kind === 'absent' ? null : storedLayer(model, conv);
}
