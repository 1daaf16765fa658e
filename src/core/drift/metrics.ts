import type { FloatDType } from '../model/tensor';
import { DriftSums } from './kernels/driftSums';

/** Difference of two tensors in numbers (FOLDING.md section 3). */
export interface DriftMetrics {
  readonly maxAbs: number;
  readonly meanAbs: number;
  /** Root of the mean squared difference. */
  readonly rms: number;
  /** ‖reference − candidate‖ / ‖reference‖; 0 when nothing differs. */
  readonly relL2: number;
  /** 20·log10(‖reference‖ / ‖reference − candidate‖); `identical` when no element differs, −Infinity when a NaN or infinity is on one side only. */
  readonly sqnrDb: number | 'identical';
  /** Cosine of the angle between the two as vectors; 1 when nothing differs, 0 when only one of them is zero. */
  readonly cosine: number;
  /** Largest difference in steps of the element type at the reference's value. */
  readonly maxUlp: number;
}

/** Compares a candidate with its reference, element by element; both have the same length. */
export function compareTensors(
  reference: Float64Array,
  candidate: Float64Array,
  dtype: FloatDType,
): DriftMetrics {
  const sums = new DriftSums(dtype);
  sums.add(reference, candidate);
  return sums.metrics();
}
