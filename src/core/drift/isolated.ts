import type { FoldReference } from '../model/fold';
import type { FloatDType } from '../model/tensor';
import { addBias, applyReference } from './kernels/applyReference';
import { multiplyRows } from './kernels/weightKernels';
import { compareTensors, type DriftMetrics } from './metrics';
import { gaussianPatch } from './patch';
import type { WeightMatrix } from './weightMatrix';

/** A folded convolution as it is stored. */
export interface FoldedLayer {
  readonly weight: WeightMatrix;
  /** As it adds to the output, [channels]; null for none. */
  readonly bias: Float64Array | null;
  /** Element type that it is measured in: the weight's own, or that of the weight it was folded from if that is coarser. */
  readonly dtype: FloatDType;
  /** Set where a BatchNorm still follows in the file: what is really computed. Weight and bias above are composed. */
  readonly unfolded?: { readonly weight: WeightMatrix; readonly reference: FoldReference };
}

/** Outputs of a pair on its seeded patches, before and after; both [samples × channels], sample by sample. */
export interface IsolatedOutputs {
  readonly reference: Float64Array;
  readonly candidate: Float64Array;
}

/**
 * The isolated drift of one pair (DESIGN.md section 7): every sample is one patch of N(0, 1), long enough for one
 * output position; conv → between → BatchNorm in float64 against the folded convolution as stored, in float64.
 */
export function isolatedDrift(
  original: WeightMatrix,
  reference: FoldReference,
  folded: FoldedLayer,
  job: { readonly seed: number; readonly samples: number },
): { readonly metrics: DriftMetrics; readonly outputs: IsolatedOutputs } {
  const { channels, reduction } = original;
  const outputs = {
    reference: new Float64Array(channels * job.samples),
    candidate: new Float64Array(channels * job.samples),
  };
  for (let sample = 0; sample < job.samples; sample++) {
    const patch = gaussianPatch(job.seed + sample, reduction);
    outputs.reference.set(applyReference(multiply(original, patch), reference), sample * channels);
    outputs.candidate.set(outputOf(folded, patch), sample * channels);
  }
  return { metrics: compareTensors(outputs.reference, outputs.candidate, folded.dtype), outputs };
}

function outputOf({ weight, bias, unfolded }: FoldedLayer, patch: Float64Array): Float64Array {
  if (unfolded !== undefined) {
    return applyReference(multiply(unfolded.weight, patch), unfolded.reference);
  }
  const sums = multiply(weight, patch);
  return bias === null ? sums : addBias(sums, bias, 1);
}

/** weight · patch: one output position, [channels]. Every group sees the same patch. */
function multiply({ values, channels }: WeightMatrix, patch: Float64Array): Float64Array {
  return multiplyRows(values, channels, patch);
}
