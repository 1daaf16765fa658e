import type { StatisticsPicture } from '../../../src/protocol/statistics';
import type { Box, Point } from '../../shared/chart/box';
import { linearScale, linearTicks, tickTexts, type Scale } from '../../shared/chart/scale';
import { closenessOf, type ChannelPoint, type Closeness } from '../channelPoints';
import type { Unit } from '../viewState';

/** Where everything of the scatter is, in CSS pixels. */
export interface ScatterLayout {
  readonly plot: Box;
  readonly marks: readonly ScatterMark[];
  /** The line on which stored and predicted means are the same, corner to corner. */
  readonly line: readonly [Point, Point];
  /** Corners of the band in which a channel is near; null where its width differs from channel to channel. */
  readonly band: readonly Point[] | null;
  readonly xTicks: readonly { readonly x: number; readonly text: string }[];
  readonly yTicks: readonly { readonly y: number; readonly text: string }[];
  /** Where the means are 0; null outside the plot. */
  readonly zero: Point | null;
  /** Radius of a mark. */
  readonly radius: number;
}

/** An edge of the plot; what lies beyond it is drawn there. */
export type Edge = 'left' | 'right' | 'top' | 'bottom';

export interface ScatterMark extends Point {
  /** Index into the points. */
  readonly index: number;
  readonly closeness: Closeness | null;
  /** The edge behind which the point lies; null for one that is in its place. */
  readonly beyond: Edge | null;
}

export interface ScatterInput {
  readonly points: readonly ChannelPoint[];
  readonly unit: Unit;
  readonly domain: Domain;
  /** Distance from the line within which a channel is near. */
  readonly near: number;
  readonly width: number;
  readonly height: number;
}

/** Least and greatest value of both axes. */
export type Domain = readonly [number, number];

const MARGIN = { left: 58, right: 14, top: 12, bottom: 44 };
const PIXELS_PER_TICK = { x: 64, y: 40 };
const LARGEST_MARK = 5;
const SMALLEST_MARK = 2.6;
/** Square pixels of the plot per mark below which marks shrink. */
const ROOM_PER_MARK = 900;

/** Lays out the scatter: predicted means to the right, stored means upwards. Channels without a place are left out. */
export function layoutScatter(input: ScatterInput): ScatterLayout {
  const { points, unit, domain, near, width, height } = input;
  const plot: Box = {
    left: MARGIN.left,
    right: Math.max(width - MARGIN.right, MARGIN.left + 1),
    top: MARGIN.top,
    bottom: Math.max(height - MARGIN.bottom, MARGIN.top + 1),
  };
  const xOf = linearScale(domain, [plot.left, plot.right]);
  const yOf = linearScale(domain, [plot.bottom, plot.top]);
  const marks = points.flatMap((point, index) => {
    const { predicted, stored } = valuesIn(point, unit);
    if (predicted === null || stored === null) return [];
    const place = { x: xOf(predicted), y: yOf(stored) };
    return [{ index, closeness: closenessOf(point, near), ...heldInside(place, plot) }];
  });
  const [low, high] = domain;
  const isZeroInside = low <= 0 && high >= 0;
  const area = (plot.right - plot.left) * (plot.bottom - plot.top);
  const room = Math.sqrt(area / Math.max(marks.length, 1) / ROOM_PER_MARK);
  return {
    plot,
    marks,
    line: [
      { x: plot.left, y: plot.bottom },
      { x: plot.right, y: plot.top },
    ],
    band: unit === 'deviations' ? bandCorners(domain, near, xOf, yOf) : null,
    xTicks: ticks(domain, plot.right - plot.left, PIXELS_PER_TICK.x).map(({ value, text }) => ({
      x: xOf(value),
      text,
    })),
    yTicks: ticks(domain, plot.bottom - plot.top, PIXELS_PER_TICK.y).map(({ value, text }) => ({
      y: yOf(value),
      text,
    })),
    zero: isZeroInside ? { x: xOf(0), y: yOf(0) } : null,
    radius: Math.min(Math.max(room * LARGEST_MARK, SMALLEST_MARK), LARGEST_MARK),
  };
}

/** Ranges of the stored means by which predictions may widen the axes; what is farther off is drawn at the edge. */
const PREDICTED_REACH = 1.2;
const PADDING = 0.06;
/** Share of the channels on each side that may be outliers, and how far off in ranges of all others. */
const OUTLIERS = 0.02;
const OUTLIER_REACH = 1;
/** Zero is shown when it is no more than this many ranges of the means away. */
const ZERO_REACH = 2;

/**
 * The values both axes cover: those of the stored means and, within reason, of what was predicted for the pair as it
 * was found. It is the same for all candidates, so that flipping through them moves the points and nothing else.
 */
export function scatterDomain(picture: StatisticsPicture, unit: Unit): Domain {
  const { stored, std, candidates } = picture;
  const inUnit = (values: readonly (number | null)[]): number[] =>
    values.flatMap((value, idx) => {
      const placed = value === null ? null : inUnitOf(value, std[idx] ?? 0, unit);
      return placed === null ? [] : [placed];
    });
  const means = withoutOutliers(inUnit(stored));
  if (means === null) return [-1, 1];
  // Zero is where signs change, and worth seeing when it is not far.
  const [low, high] = withZero(means);
  const span = high - low || Math.abs(high) || 1;
  const [from, to] = withoutOutliers(inUnit(candidates[0]?.predicted ?? [])) ?? [low, high];
  return [
    Math.max(Math.min(from, low), low - span * PREDICTED_REACH) - span * PADDING,
    Math.min(Math.max(to, high), high + span * PREDICTED_REACH) + span * PADDING,
  ];
}

/** The mark nearest to a place, within reach of the pointer; null when there is none. */
export function markAt({ marks }: ScatterLayout, { x, y }: Point): ScatterMark | null {
  let [nearest, least]: [ScatterMark | null, number] = [null, POINTER_REACH];
  for (const mark of marks) {
    const distance = Math.hypot(mark.x - x, mark.y - y);
    if (distance < least) [nearest, least] = [mark, distance];
  }
  return nearest;
}

/** Pixels around a mark that count as the mark. */
const POINTER_REACH = 14;

/** Both means of a channel in the unit of the axes; null where there is no such number. */
function valuesIn(
  { predicted, stored, std }: ChannelPoint,
  unit: Unit,
): { readonly predicted: number | null; readonly stored: number | null } {
  return {
    predicted: predicted === null ? null : inUnitOf(predicted, std, unit),
    stored: inUnitOf(stored, std, unit),
  };
}

function inUnitOf(mean: number, std: number, unit: Unit): number | null {
  if (unit === 'means') return mean;
  return std > 0 ? mean / std : null;
}

/** Least and greatest value, but for the few that are far from all others; null when there are none. */
function withoutOutliers(values: readonly number[]): Domain | null {
  const sorted = values.toSorted((a, b) => a - b);
  const skipped = Math.ceil(sorted.length * OUTLIERS);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return null;
  const [low, high] = [sorted[skipped] ?? least, sorted.at(-1 - skipped) ?? most];
  const reach = (high - low) * OUTLIER_REACH;
  return low < high ? [Math.max(least, low - reach), Math.min(most, high + reach)] : [least, most];
}

function withZero([low, high]: Domain): Domain {
  const reach = (high - low) * ZERO_REACH;
  if (low > 0 && low <= reach) return [0, high];
  if (high < 0 && -high <= reach) return [low, 0];
  return [low, high];
}

function heldInside({ x, y }: Point, plot: Box): Point & { readonly beyond: Edge | null } {
  const inside = {
    x: Math.min(Math.max(x, plot.left), plot.right),
    y: Math.min(Math.max(y, plot.top), plot.bottom),
  };
  const overshoot = { x: Math.abs(x - inside.x), y: Math.abs(y - inside.y) };
  if (overshoot.x === 0 && overshoot.y === 0) return { ...inside, beyond: null };
  if (overshoot.x >= overshoot.y) return { ...inside, beyond: x < plot.left ? 'left' : 'right' };
  return { ...inside, beyond: y < plot.top ? 'top' : 'bottom' };
}

/** The band of near points about the line, cut off at the plot's edges. */
function bandCorners([low, high]: Domain, near: number, xOf: Scale, yOf: Scale): readonly Point[] {
  const at = (x: number, y: number): Point => ({ x: xOf(x), y: yOf(y) });
  const width = Math.min(near, high - low);
  return [
    at(low, low),
    at(low, low + width),
    at(high - width, high),
    at(high, high),
    at(high, high - width),
    at(low + width, low),
  ];
}

function ticks(
  [low, high]: Domain,
  pixels: number,
  each: number,
): readonly { readonly value: number; readonly text: string }[] {
  const values = linearTicks(low, high, Math.max(Math.floor(pixels / each), 2));
  const texts = tickTexts(values);
  return values.map((value, idx) => ({ value, text: texts[idx] ?? '' }));
}
