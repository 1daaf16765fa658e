import type { FoldPiece } from '../../core/bytes/outputPlan';
import type { DriftMetrics } from '../../core/drift/metrics';
import { checkFold } from '../../core/folding/checkFold';
import type { PartialFold } from './unitWriter';

/** The isolated check of one fold, done while it was written. */
export interface CheckedFold {
  readonly id: string;
  readonly metrics: DriftMetrics;
}

/** The checks of all folds of a plan, from what its writers added up. */
export function checkFolds(
  pieces: readonly FoldPiece[],
  partials: readonly PartialFold[],
): CheckedFold[] {
  return pieces.map(({ id, weight, check }, fold) => {
    const parts = partials.filter((partial) => partial.fold === fold);
    const channels = weight.scale.length;
    const before = addUp(
      channels,
      parts.map((part) => part.before),
    );
    const after = addUp(
      channels,
      parts.map((part) => part.after),
    );
    return { id, metrics: checkFold({ before, after }, check, weight.dtype) };
  });
}

function addUp(length: number, terms: readonly Float64Array[]): Float64Array {
  return terms.reduce(
    (sum, term) => sum.map((value, idx) => value + (term[idx] ?? 0)),
    new Float64Array(length),
  );
}
