import type { FoldMeasurement } from '../../core/drift/measureFold';
import type { DriftDetail } from '../../protocol/drift';

/** Bars of the error histogram. */
const BINS = 41;

/** What the detail pane shows of one measured layer. */
export function layerDetail(id: string, measurement: FoldMeasurement): DriftDetail {
  const { outputs, quantization, range } = measurement;
  const errors = outputs.candidate.map((value, idx) => value - (outputs.reference[idx] ?? NaN));
  return {
    id,
    histogram: histogram(errors.filter(Number.isFinite)),
    rangeBefore: [...quantization.rangeBefore],
    rangeAfter: [...quantization.rangeAfter],
    outputMin: [...range.channelMin],
    outputMax: [...range.channelMax],
  };
}

/** Counts in bins of equal width around zero, symmetric so that a bias of the error is seen at once. */
function histogram(errors: Float64Array): DriftDetail['histogram'] {
  const largest = errors.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const half = largest === 0 ? 1 : largest;
  const width = (2 * half) / BINS;
  const counts = new Array<number>(BINS).fill(0);
  for (const error of errors) {
    const bin = Math.min(Math.floor((error + half) / width), BINS - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges: Array.from({ length: BINS + 1 }, (_, idx) => idx * width - half), counts };
}
