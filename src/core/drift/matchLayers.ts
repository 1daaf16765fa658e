import type { WeightMatrix } from './weightMatrix';

/** A thinned copy of a weight, whose rows have length 1: what a per-channel scale cannot change but for the sign. */
export interface LayerSignature {
  readonly name: string;
  readonly channels: number;
  readonly reduction: number;
  /** [rows, columns], every row scaled to length 1; rows of zeros stay zero. */
  readonly rows: readonly Float64Array[];
}

/** Rows and columns that are enough to tell any two trained weights apart. */
const MAX_ROWS = 64;
const MAX_COLUMNS = 256;

/** Mean |cosine| of matching rows from which two weights are taken for one, up to a scale per channel or input. */
const MIN_LIKENESS = 0.6;

/** Takes evenly spaced rows and columns of a weight. */
export function layerSignature(name: string, weight: WeightMatrix): LayerSignature {
  const { channels, reduction, values } = weight;
  const rows = spaced(channels, MAX_ROWS).map((row) => {
    const sample = spaced(reduction, MAX_COLUMNS).map(
      (column) => values[row * reduction + column] ?? 0,
    );
    const length = Math.hypot(...sample);
    return Float64Array.from(sample, (value) => (length === 0 ? 0 : value / length));
  });
  return { name, channels, reduction, rows };
}

/**
 * Finds each reference layer's counterpart by its weight: folding scales rows, so matching rows stay parallel. Where
 * weights cannot decide (twins, kernels of one weight) an equal name does, then the order of execution. Both lists
 * are in that order. Layers without a counterpart are absent from the result.
 */
export function matchLayers(
  references: readonly LayerSignature[],
  candidates: readonly LayerSignature[],
): ReadonlyMap<string, string> {
  const rank = (idx: number, count: number): number => idx / Math.max(count - 1, 1);
  const options = references.flatMap((reference, referenceIdx) =>
    candidates.flatMap((candidate, candidateIdx) => {
      const isSameName = reference.name === candidate.name;
      const score = likeness(reference, candidate);
      if (score === null || (score < MIN_LIKENESS && !isSameName)) return [];
      const distance = Math.abs(
        rank(referenceIdx, references.length) - rank(candidateIdx, candidates.length),
      );
      return [
        { reference: reference.name, candidate: candidate.name, score, isSameName, distance },
      ];
    }),
  );
  options.sort(
    (a, b) =>
      Math.round((b.score - a.score) * SCORE_STEPS) ||
      Number(b.isSameName) - Number(a.isSameName) ||
      a.distance - b.distance,
  );
  const matches = new Map<string, string>();
  const taken = new Set<string>();
  for (const { reference, candidate } of options) {
    if (matches.has(reference) || taken.has(candidate)) continue;
    matches.set(reference, candidate);
    taken.add(candidate);
  }
  return matches;
}

/** Likeness is compared in hundredths: less is rounding. */
const SCORE_STEPS = 100;

/** Mean |cosine| over rows, or null where shapes differ. */
function likeness(one: LayerSignature, other: LayerSignature): number | null {
  if (one.channels !== other.channels || one.reduction !== other.reduction) return null;
  let [sum, count] = [0, 0];
  one.rows.forEach((row, idx) => {
    const twin = other.rows[idx];
    const product = row.reduce((total, value, column) => total + value * (twin?.[column] ?? 0), 0);
    // A row that folding made zero (gamma 0) says nothing.
    if (row.every((value) => value === 0) || twin?.every((value) => value === 0)) return;
    sum += Math.abs(product);
    count++;
  });
  return count === 0 ? 0 : sum / count;
}

/** `count` numbers from 0 to `total` − 1, evenly spaced; all of them when there are fewer. */
function spaced(total: number, count: number): number[] {
  const taken = Math.min(total, count);
  return Array.from({ length: taken }, (_, idx) => Math.floor((idx * total) / taken));
}
