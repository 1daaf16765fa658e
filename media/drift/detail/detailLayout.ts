import type { DriftDetail } from '../../../src/protocol/drift';
import { linearScale, logScale } from '../../shared/chart/scale';

/** A rectangle of a small chart. */
export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The area inside the axes, in CSS pixels. */
export interface PlotBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Bars of the error histogram. Counts grow with their root, so that single outliers stay to be seen. */
export function histogramBars({ counts }: DriftDetail['histogram'], box: PlotBox): readonly Bar[] {
  const width = (box.right - box.left) / Math.max(counts.length, 1);
  const tallest = Math.sqrt(counts.reduce((a, b) => Math.max(a, b), 1));
  return counts.flatMap((count, idx) => {
    if (count === 0) return [];
    const height = (Math.sqrt(count) / tallest) * (box.bottom - box.top);
    const gap = Math.min(1, width * 0.2);
    return [
      { x: box.left + idx * width + gap / 2, y: box.bottom - height, width: width - gap, height },
    ];
  });
}

/** One channel of the weight-range chart: where its range was, and the bar of what it is. */
export interface RangeColumn {
  readonly channel: number;
  readonly after: Bar;
  /** Height of the range before folding; null for a channel of zeros. */
  readonly beforeY: number | null;
}

export interface RangeLayout {
  readonly columns: readonly RangeColumn[];
  readonly low: number;
  readonly high: number;
  readonly median: number;
  readonly medianY: number;
}

/**
 * Ranges per channel on a log scale, widest channel first: a flat curve quantizes well with one scale, a steep one
 * does not. Null when all channels are zero.
 */
export function rangeColumns(
  before: readonly number[],
  after: readonly number[],
  box: PlotBox,
): RangeLayout | null {
  const positive = [...before, ...after].filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return null;
  const high = positive.reduce((a, b) => Math.max(a, b));
  // Channels that folding all but removed would flatten the rest.
  const low =
    Math.max(
      positive.reduce((a, b) => Math.min(a, b)),
      high / MAX_DYNAMIC,
    ) / 1.2;
  const scale = logScale([low, high], [box.bottom, box.top]);
  const yOf = (value: number): number => Math.min(scale(Math.max(value, low)), box.bottom);
  const width = (box.right - box.left) / Math.max(after.length, 1);
  const gap = width > 3 ? 1 : 0;
  const order = after.map((_, channel) => channel);
  order.sort((a, b) => (after[b] ?? 0) - (after[a] ?? 0));
  const columns = order.map((channel, place) => {
    const y = yOf(after[channel] ?? 0);
    const was = before[channel] ?? 0;
    return {
      channel,
      after: { x: box.left + place * width, y, width: width - gap, height: box.bottom - y },
      beforeY: was > 0 ? yOf(was) : null,
    };
  });
  const alive = after.filter((value) => value > 0).toSorted((a, b) => a - b);
  const median = alive[Math.floor(alive.length / 2)] ?? low;
  return { columns, low, high, median, medianY: yOf(median) };
}

/** Largest over smallest range that the log scale still shows. */
const MAX_DYNAMIC = 1e5;

export interface BandLayout {
  readonly bars: readonly Bar[];
  readonly low: number;
  readonly high: number;
  readonly zeroY: number;
}

/** The promised range of each channel as an upright bar, in the order of the channels. Null when there are none. */
export function outputBars(
  mins: readonly number[],
  maxs: readonly number[],
  box: PlotBox,
): BandLayout | null {
  const finite = [...mins, ...maxs].filter(Number.isFinite);
  if (finite.length === 0) return null;
  const low = finite.reduce((a, b) => Math.min(a, b), 0);
  const high = finite.reduce((a, b) => Math.max(a, b), 0);
  const scale = linearScale([low, high], [box.bottom, box.top]);
  const width = (box.right - box.left) / Math.max(mins.length, 1);
  const gap = width > 3 ? 1 : 0;
  const bars = mins.map((min, channel) => {
    const y = scale(maxs[channel] ?? min);
    const height = Math.max(scale(min) - y, 1);
    return { x: box.left + channel * width, y, width: width - gap, height };
  });
  return { bars, low, high, zeroY: scale(0) };
}
