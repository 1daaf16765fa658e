import type { FoldReference } from '../model/fold';
import type { FloatDType } from '../model/tensor';
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

/** Literal arithmetic of an unfolded pair on convolution sums [channels]: bias, constants between, BatchNorm. */
export function applyReference(sums: Float64Array, reference: FoldReference): Float64Array {
  const { convBias, between, gamma, beta, mean, variance, eps } = reference;
  return sums.map((sum, channel) => {
    const at = (values: Float64Array): number => values[channel] ?? NaN;
    let y = sum + (convBias === null ? 0 : at(convBias));
    for (const { factor, shift } of between) y = y * at(factor) + at(shift);
    return (at(gamma) * (y - at(mean))) / Math.sqrt(at(variance) + eps) + at(beta);
  });
}

function outputOf({ weight, bias, unfolded }: FoldedLayer, patch: Float64Array): Float64Array {
  return unfolded === undefined
    ? addBias(multiply(weight, patch), bias)
    : applyReference(multiply(unfolded.weight, patch), unfolded.reference);
}

/** weight · patch: one output position, [channels]. Every group sees the same patch. */
function multiply({ values, channels }: WeightMatrix, patch: Float64Array): Float64Array {
  return multiplyRows(values, channels, patch);
}

function addBias(sums: Float64Array, bias: Float64Array | null): Float64Array {
  return bias === null ? sums : sums.map((sum, channel) => sum + (bias[channel] ?? NaN));
}
