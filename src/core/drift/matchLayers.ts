import { meanCosine } from './kernels/weightKernels';
import type { WeightMatrix } from './weightMatrix';

/** Thinned copies of a weight that a scale per channel cannot change but for the sign. */
export interface LayerSignature {
  readonly name: string;
  readonly channels: number;
  readonly reduction: number;
  readonly byChannel: UnitRows;
  /** What a scale per input channel cannot change, where a mistaken fold could have one: square weights only. */
  readonly byInput: UnitRows | null;
}

/** [rows, columns], row-major, every row scaled to length 1; a row of zeros becomes NaN and says nothing. */
interface UnitRows {
  readonly values: Float64Array;
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
  const { channels, reduction, taps, values } = weight;
  const inputs = reduction / taps;
  const byChannel = unitRows(
    channels,
    reduction,
    (channel, place) => values[channel * reduction + place] ?? 0,
  );
  const byInput = unitRows(inputs, channels * taps, (input, place) => {
    const channel = Math.floor(place / taps);
    return values[channel * reduction + input * taps + (place % taps)] ?? 0;
  });
  return { name, channels, reduction, byChannel, byInput: inputs === channels ? byInput : null };
}

function unitRows(
  rowCount: number,
  columnCount: number,
  at: (row: number, column: number) => number,
): UnitRows {
  const [rows, places] = [spaced(rowCount, MAX_ROWS), spaced(columnCount, MAX_COLUMNS)];
  const columns = places.length;
  const values = new Float64Array(rows.length * columns);
  rows.forEach((row, idx) => {
    const sample = values.subarray(idx * columns, (idx + 1) * columns);
    places.forEach((column, place) => (sample[place] = at(row, column)));
    const length = Math.hypot(...sample);
    sample.forEach((value, place) => (sample[place] = value / length));
  });
  return { values, columns };
}

/**
 * Finds each reference layer's counterpart by its weight: folding scales rows, so matching rows stay parallel. Where
 * weights cannot decide (twins, kernels of one weight) an equal name does, then the order of execution, and it alone
 * where weights say nothing. Both lists are in that order; several candidates of one name are readings of one layer. Layers without a counterpart are absent
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
  const match = (reference: string, candidate: Candidate): void => {
    matches.set(reference, candidate);
    taken.add(candidate.name);
  };
  for (const { reference, candidate } of options) {
    if (!matches.has(reference) && !taken.has(candidate.name)) match(reference, candidate);
  }
  for (const reference of references) {
    if (matches.has(reference.name)) continue;
    const between = onlyOneBetween(reference, references, candidates, matches);
    if (between !== null && !taken.has(between.name)) match(reference.name, between);
  }
  return matches;
}

/**
 * A layer whose weight nothing explains is still the one that stands where it should: the only one of its shape between
 * the counterparts of the layers before and behind.
 */
function onlyOneBetween<Candidate extends LayerSignature>(
  reference: LayerSignature,
  references: readonly LayerSignature[],
  candidates: readonly Candidate[],
  matches: ReadonlyMap<string, Candidate>,
): Candidate | null {
  const place = references.indexOf(reference);
  const matched = (layer: LayerSignature): boolean => matches.has(layer.name);
  const before = references.slice(0, place).findLast(matched);
  const behind = references.slice(place + 1).find(matched);
  if (before === undefined || behind === undefined) return null;
  const placeOf = (layer: LayerSignature): number =>
    candidates.findIndex((candidate) => candidate === matches.get(layer.name));
  const [found, ...others] = candidates
    .slice(placeOf(before) + 1, Math.max(placeOf(behind), 0))
    .filter(
      ({ channels, reduction }) =>
        channels === reference.channels && reduction === reference.reduction,
    );
  return others.length === 0 ? (found ?? null) : null;
}

/** Likeness is compared in hundredths: less is rounding. */
const SCORE_STEPS = 100;

/** Mean |cosine| of rows, or of inputs where that is more; null where shapes differ. */
function likeness(one: LayerSignature, other: LayerSignature): number | null {
  if (one.channels !== other.channels || one.reduction !== other.reduction) return null;
  const byChannel = meanLikeness(one.byChannel, other.byChannel);
  if (byChannel >= MIN_LIKENESS || one.byInput === null || other.byInput === null) {
    return byChannel;
  }
  return Math.max(byChannel, meanLikeness(one.byInput, other.byInput));
}

function meanLikeness(one: UnitRows, other: UnitRows): number {
  const screened = meanCosine(one.values, other.values, one.columns, SCREEN_STRIDE);
  if (screened < STRANGER_LIKENESS) return screened;
  const mean = meanCosine(one.values, other.values, one.columns, 1);
  return Number.isNaN(mean) ? 0 : mean;
}

/** `count` numbers from 0 to `total` − 1, evenly spaced; all of them when there are fewer. */
function spaced(total: number, count: number): number[] {
  const taken = Math.min(total, count);
  return Array.from({ length: taken }, (_, idx) => Math.floor((idx * total) / taken));
}
