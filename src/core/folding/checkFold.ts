import type { FoldCheck } from '../bytes/outputPlan';
import { addBias, applyReference } from '../drift/kernels/applyReference';
import { compareTensors, type DriftMetrics } from '../drift/metrics';
import type { FloatDType } from '../model/tensor';

/** What a patch made of the original and of the folded weight, per output channel. */
export interface FoldSums {
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/**
 * The isolated check of one fold (DESIGN.md section 7): convolution bias, constants between and BatchNorm, written
 * out literally, against the folded weight and the bias as stored. It shares no arithmetic with the fold.
 */
export function checkFold(sums: FoldSums, check: FoldCheck, dtype: FloatDType): DriftMetrics {
  const { reference, storedBias } = check;
  const expected = applyReference(sums.before, reference);
  const found = addBias(sums.after, storedBias, reference.biasFactor);
  return compareTensors(expected, found, dtype);
}
