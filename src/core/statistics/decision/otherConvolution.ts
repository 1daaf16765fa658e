import type { Feed } from '../feeds/feed';
import { fitPrediction } from '../fit';
import type { Norm } from '../norm';
import { predictEach } from '../readings';
import { makeStudy, type EvidenceBase } from '../recovery/evidenceBase';
import { MAX_FREE_INPUTS, tryFreeInput } from '../recovery/freeInput';
import { chainLayers, singleLayers, type Layer } from '../recovery/layers';
import type { Study } from '../recovery/study';
import type { Witness } from '../recovery/witness';
import { storedMeans } from '../storedMeans';
import { isProof } from './proof';

/** The proved reading must leave at most this share of what the next best convolution leaves unexplained. */
const CLEAR_LEAD = 0.5;

/**
 * What a convolution must explain on a few rows, fed with a layer's scouts, to be looked at closely. Below a half it
 * could neither be proved nor, by CLEAR_LEAD, keep another one from being proved.
 */
const PROMISING = 0.3;

/** Convolutions looked at closely for one BatchNorm, and layers that may feed each: those that promise most. */
const MAX_CONVOLUTIONS = 4;
const MAX_LAYERS = 4;

/** A convolution that may feed a BatchNorm, with the layers that may be its own input. */
export interface Promising {
  readonly witness: Witness;
  readonly layers: readonly Layer[];
  /** Hypotheses that the layers were chosen from. */
  readonly tried: number;
  /** What the best of the layers explained on a few rows. */
  readonly share: number;
}

/**
 * For BatchNorms, the convolutions whose output their means may be: every convolution of their width that is not
 * `taken`, sifted by its likeliest inputs. What a convolution makes of an input is worked out once for all BatchNorms.
 * Yields now and then; null when the work allowed was used up before.
 */
export function* promisingConvolutions(
  norms: readonly Norm[],
  taken: ReadonlySet<string>,
  base: EvidenceBase,
): Generator<void, ReadonlyMap<Norm, readonly Promising[]> | null> {
  const found = new Map<Norm, Promising[]>(norms.map((norm) => [norm, []]));
  for (const witness of base.witnesses.values()) {
    const targets = norms.filter(({ mean }) => mean.length === witness.sums.outChannels);
    if (targets.length === 0 || taken.has(witness.conv.name)) continue;
    if (base.work.isSpent) return null;
    for (const [norm, promising] of promisingPairs(witness, targets, base)) {
      found.get(norm)?.push(promising);
    }
    yield;
  }
  return found;
}

/** What fitting one prediction to one row costs, in multiplications, for each column and the base. */
const FIT_COST = 16;

function promisingPairs(
  witness: Witness,
  targets: readonly Norm[],
  base: EvidenceBase,
): [Norm, Promising][] {
  const sums = witness.sieve?.sums ?? witness.sums;
  const all = [...singleLayers(witness, base), ...chainLayers(witness, base)];
  const scouts = all.map((layer) => ({ layer, feeds: layer.scouts() }));
  const predictions = predictEach(
    sums,
    scouts.flatMap(({ feeds }) => feeds),
  );
  const { rows, inputs, planes, gains } = sums;
  const perPrediction = rows.length * planes.length * (inputs + FIT_COST * targets.length);
  base.work.spend(predictions.size * perPrediction);
  const tried = gains.length * all.reduce((sum, { feedCount }) => sum + feedCount, 0);
  return targets.flatMap((norm): [Norm, Promising][] => {
    const stored = storedMeans(norm, rows, witness.bias);
    const shareOf = (feed: Feed): number => {
      const prediction = predictions.get(feed);
      if (prediction === undefined) return -1;
      return Math.max(...gains.map((gain) => fitPrediction(stored, prediction, gain).share));
    };
    const ranked = scouts
      .filter(({ layer }) => layer.norm !== norm)
      .map(({ layer, feeds }) => ({ layer, share: Math.max(-1, ...feeds.map(shareOf)) }))
      .toSorted((a, b) => b.share - a.share);
    const share = ranked[0]?.share ?? -1;
    if (share < PROMISING && inputs > MAX_FREE_INPUTS) return [];
    const layers = ranked.slice(0, MAX_LAYERS).map(({ layer }) => layer);
    return [[norm, { witness, layers, tried, share }]];
  });
}

/**
 * Finds, for a BatchNorm whose own pair is not proved, another convolution whose output its means prove to be.
 * Null when there is none, or more than one that explains them about as well. `alternatives` counts the convolutions
 * that the promising ones were sifted from. Yields now and then.
 */
export function* otherConvolution(
  norm: Norm,
  promising: readonly Promising[],
  alternatives: number,
  base: EvidenceBase,
): Generator<void, Study | null> {
  const studies: Study[] = [];
  const likeliest = promising.toSorted((a, b) => b.share - a.share).slice(0, MAX_CONVOLUTIONS);
  for (const { witness, layers, tried } of likeliest) {
    const study = makeStudy('', witness, norm, base.work);
    if (study === null) continue;
    yield* study.considerLayers(layers);
    study.tried = Math.max(study.tried, tried);
    tryFreeInput(study);
    studies.push(study);
    yield;
  }
  const [best, next] = studies.toSorted((a, b) => b.share - a.share);
  if (best === undefined || !isProof(best, alternatives)) return null;
  const isClear =
    next === undefined || 1 - best.share <= CLEAR_LEAD * (1 - Math.max(next.share, 0));
  return isClear ? best : null;
}
