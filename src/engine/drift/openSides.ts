import { whyNoComposition } from '../../core/drift/composition';
import { foldPair } from '../../core/folding/foldPair';
import { selectPairs } from '../../core/folding/selectPairs';
import type { Fold } from '../../core/model/fold';
import type { Pair } from '../../core/model/pair';
import type { DriftParams } from '../../protocol/drift';
import type { JobContext } from '../jobs/jobContext';
import { pairModel } from '../jobs/pairModel';
import type { ModelAndFiles, ModelCache } from '../modelCache';
import {
  foreignCounterparts,
  ownCounterparts,
  type Counterparts,
  type PairedModel,
} from './counterparts';
import { foldIfPossible } from './foldIfPossible';

/** Both sides of a comparison, ready to be measured. */
export interface Sides {
  readonly reference: ModelAndFiles & PairedModel;
  /** Null for the fold that a fuse would write. */
  readonly candidate: (ModelAndFiles & PairedModel) | null;
  readonly folds: readonly Fold[];
  /** Pairs that are blocked for what their numbers are: there is no fold to compare. */
  readonly left: readonly Pair[];
  readonly counterparts: Counterparts;
}

/**
 * The sides that were compared last. Matching layers reads every weight of both files, which the detail of one layer
 * must not wait for again.
 */
export class LastSides {
  private last: { readonly key: string; readonly sides: Sides } | null = null;

  constructor(private readonly cache: ModelCache) {}

  /** Opens both files and matches their layers, unless they are those of the last call and unchanged. */
  async open(params: DriftParams, context: JobContext): Promise<Sides> {
    context.throwIfCancelled();
    context.report({ stage: 'read', done: 0, total: 0 });
    const { path, fused, policy, eps, layout, structure } = params;
    const key = JSON.stringify([path, fused, policy, eps, layout, structure]);
    const reference = await this.cache.open(path);
    const candidate = fused === null ? null : await this.cache.open(fused);
    const known = this.last?.key === key ? this.last.sides : null;
    // The cache opens a file anew when it has changed.
    const isSame =
      known?.reference.model === reference.model && known.candidate?.model === candidate?.model;
    if (known !== null && isSame) return known;
    const sides = await matchSides(reference, candidate, params, context);
    this.last = { key, sides };
    return sides;
  }
}

async function matchSides(
  referenceFile: ModelAndFiles,
  candidateFile: ModelAndFiles | null,
  params: DriftParams,
  context: JobContext,
): Promise<Sides> {
  const paired = async (opened: ModelAndFiles): Promise<ModelAndFiles & PairedModel> => ({
    ...opened,
    pairing: await pairModel(opened.model, params, context),
  });
  const reference = await paired(referenceFile);
  if (candidateFile === null) {
    const { folded, left } = selectPairs(reference.pairing, { only: null, skip: [] });
    const folds = withoutHeld(folded).map((pair) => foldPair(reference.model, pair));
    return {
      reference,
      candidate: null,
      folds,
      left: left.filter(isBlocked),
      counterparts: ownCounterparts,
    };
  }
  const candidate = await paired(candidateFile);
  const staying = new Set(candidate.pairing.pairs.map(({ bn }) => bn.name));
  const pairs = withoutHeld(
    reference.pairing.pairs.filter(
      (pair) => pair.foldsAfter === undefined || !staying.has(pair.bn.name),
    ),
  );
  const folds = pairs.flatMap((pair) => foldIfPossible(reference.model, pair));
  const counterparts = await foreignCounterparts(folds, reference, candidate, context);
  const compared = new Set(folds.map(({ pair }) => pair.id));
  const left = pairs.filter((pair) => isBlocked(pair) && !compared.has(pair.id));
  return { reference, candidate, folds, left, counterparts };
}

/** Blocked, but not because the two do not compose: then there was no pair to begin with. */
function isBlocked(pair: Pair): boolean {
  return pair.verdict === 'blocked' && whyNoComposition(pair) === null;
}

/** Of BatchNorms in a row the last one's fold holds those of the others, and is the only one to be found in a file. */
function withoutHeld(pairs: readonly Pair[]): readonly Pair[] {
  const held = new Set(pairs.map((pair) => pair.foldsAfter));
  return pairs.filter(({ id }) => !held.has(id));
}
