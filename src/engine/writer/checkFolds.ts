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
    const sums = {
      before: new Float64Array(weight.scale.length),
      after: new Float64Array(weight.scale.length),
    };
    for (const part of partials) {
      if (part.fold !== fold) continue;
      addTo(sums.before, part.before);
      addTo(sums.after, part.after);
    }
    return { id, metrics: checkFold(sums, check, weight.dtype) };
  });
}

function addTo(sums: Float64Array, terms: Float64Array): void {
  for (let idx = 0; idx < sums.length; idx++) sums[idx] = (sums[idx] ?? 0) + (terms[idx] ?? 0);
}
