import { meanCosine } from './kernels/weightKernels';
import type { WeightMatrix } from './weightMatrix';

/** A thinned copy of a weight, whose rows have length 1: what a per-channel scale cannot change but for the sign. */
export interface LayerSignature {
  readonly name: string;
  readonly channels: number;
  readonly reduction: number;
  /** [rows, columns], row-major, every row scaled to length 1; a row of zeros becomes NaN and says nothing. */
  readonly rows: Float64Array;
  readonly columns: number;
}

/** Rows and columns that are enough to tell any two trained weights apart. */
const MAX_ROWS = 64;
const MAX_COLUMNS = 256;

/** Mean |cosine| of matching rows from which two weights are taken for one, up to a scale per channel or input. */
const MIN_LIKENESS = 0.6;

/** Every so many rows are compared first: strangers show there, and most layers are strangers to most. */
const SCREEN_STRIDE = 8;
const STRANGER_LIKENESS = 0.3;

/** Takes evenly spaced rows and columns of a weight. */
export function layerSignature(name: string, weight: WeightMatrix): LayerSignature {
  const { channels, reduction, values } = weight;
  const [rowPlaces, columnPlaces] = [spaced(channels, MAX_ROWS), spaced(reduction, MAX_COLUMNS)];
  const columns = columnPlaces.length;
  const rows = new Float64Array(rowPlaces.length * columns);
  rowPlaces.forEach((row, idx) => {
    const sample = rows.subarray(idx * columns, (idx + 1) * columns);
    columnPlaces.forEach((column, place) => {
      sample[place] = values[row * reduction + column] ?? 0;
    });
    const length = Math.hypot(...sample);
    sample.forEach((value, place) => (sample[place] = value / length));
  });
  return { name, channels, reduction, rows, columns };
}

/**
 * Finds each reference layer's counterpart by its weight: folding scales rows, so matching rows stay parallel. Where
 * weights cannot decide (twins, kernels of one weight) an equal name does, then the order of execution. Both lists
 * are in that order; several candidates of one name are readings of one layer. Layers without a counterpart are absent
 * from the result.
 */
export function matchLayers<Candidate extends LayerSignature>(
  references: readonly LayerSignature[],
  candidates: readonly Candidate[],
): ReadonlyMap<string, Candidate> {
  const rank = (idx: number, count: number): number => idx / Math.max(count - 1, 1);
  const options = references.flatMap((reference, referenceIdx) =>
    candidates.flatMap((candidate, candidateIdx) => {
      const isSameName = reference.name === candidate.name;
      const score = likeness(reference, candidate);
      if (score === null || (score < MIN_LIKENESS && !isSameName)) return [];
      const distance = Math.abs(
        rank(referenceIdx, references.length) - rank(candidateIdx, candidates.length),
      );
      return [{ reference: reference.name, candidate, score, isSameName, distance }];
    }),
  );
  options.sort(
    (a, b) =>
      Math.round((b.score - a.score) * SCORE_STEPS) ||
      Number(b.isSameName) - Number(a.isSameName) ||
      a.distance - b.distance,
  );
  const matches = new Map<string, Candidate>();
  const taken = new Set<string>();
  for (const { reference, candidate } of options) {
    if (matches.has(reference) || taken.has(candidate.name)) continue;
    matches.set(reference, candidate);
    taken.add(candidate.name);
  }
  return matches;
}

/** Likeness is compared in hundredths: less is rounding. */
const SCORE_STEPS = 100;

/** Mean |cosine| over rows, or null where shapes differ. */
function likeness(one: LayerSignature, other: LayerSignature): number | null {
  if (one.channels !== other.channels || one.reduction !== other.reduction) return null;
  const screened = meanCosine(one.rows, other.rows, one.columns, SCREEN_STRIDE);
  if (screened < STRANGER_LIKENESS) return screened;
  const mean = meanCosine(one.rows, other.rows, one.columns, 1);
  return Number.isNaN(mean) ? 0 : mean;
}

/** `count` numbers from 0 to `total` − 1, evenly spaced; all of them when there are fewer. */
function spaced(total: number, count: number): number[] {
  const taken = Math.min(total, count);
  return Array.from({ length: taken }, (_, idx) => Math.floor((idx * total) / taken));
}
