import { okThresholdDb } from '../../../src/core/drift/label';
import type { DriftLayerReport, MetricsReport } from '../../../src/protocol/drift';
import type { Box, Point } from '../../shared/chart/box';
import {
  decadeTicks,
  linearScale,
  linearTicks,
  logScale,
  type Scale,
} from '../../shared/chart/scale';
import type { Span } from '../../shared/chart/span';
import { numberText } from '../../shared/numberText';
import { allSeries, type ChartMetric, type Series } from '../viewState';
import { markLabel, type MarkLabel } from './markLabel';

/** Where everything of the chart is, in CSS pixels. Drawing it needs no more thought. */
export interface ChartLayout {
  readonly plot: Box;
  readonly marks: readonly Mark[];
  /** Runs of neighbouring accumulated marks, to be joined by a line. */
  readonly lines: readonly (readonly Point[])[];
  readonly thresholds: readonly ThresholdLine[];
  readonly valueTicks: readonly { readonly y: number; readonly text: string }[];
  readonly layerTicks: readonly { readonly x: number; readonly text: string }[];
  /** Whether `layerTicks` are names, which stand aslant, and not numbers. */
  readonly hasNames: boolean;
  /** Places beyond the scale, present only when some layer is there. */
  readonly bands: readonly { readonly kind: Band; readonly y: number }[];
  /** Width of one layer. */
  readonly step: number;
  readonly span: Span;
}

/** One measurement of one layer. */
export interface Mark extends Point {
  /** Index into the layers. */
  readonly layer: number;
  readonly series: Series;
  readonly label: MarkLabel;
}

/** From here on up a layer is ok. Element types differ, and with them their thresholds. */
export interface ThresholdLine {
  readonly series: Series;
  readonly decibels: number;
  readonly y: number;
  readonly from: number;
  readonly to: number;
  /** Where its name hides the fewest marks; null where it has no room. */
  readonly name: NamePlace | null;
}

/** `x` is the middle of the name. */
export interface NamePlace extends Point {
  readonly side: 'above' | 'below';
}

/** No difference at all, a difference beyond all numbers, or no such layer. */
export type Band = 'identical' | 'not finite';

export interface ChartInput {
  readonly layers: readonly DriftLayerReport[];
  /** How the layers are called where there is little room, as many as there are layers. */
  readonly names: readonly string[];
  readonly metric: ChartMetric;
  readonly series: readonly Series[];
  readonly span: Span;
  readonly width: number;
  readonly height: number;
}

const MARGIN = { left: 56, right: 16, top: 14, bottom: 26 };
/** Names stand aslant below the chart: this much height per character, and in any case. */
const NAME_HEIGHT = { perCharacter: 3.9, least: 22 };
/** A layer must be this wide for its name to have room. */
const NAME_STEP = 22;
/** Most of the height that names may take; numbers stand there instead. */
const NAME_SHARE = 0.33;
const BAND_HEIGHT = 18;
const PIXELS_PER_TICK = 26;
const PIXELS_PER_NUMBER = 60;

/** Lays out the chart of the layers inside `span`. The value axis covers all layers, so that it stays put on zooming. */
export function layoutChart(input: ChartInput): ChartLayout {
  const { layers, metric, series, span, width, height } = input;
  const step = (width - MARGIN.left - MARGIN.right) / (span.to - span.from);
  const hasNames = step >= NAME_STEP && namesHeight(input.names) <= height * NAME_SHARE;
  const values = layers.flatMap((layer) => series.map((each) => chartValue(layer[each], metric)));
  const bands = (['identical', 'not finite'] as const).filter((kind) => values.includes(kind));
  const isBetterUp = metric === 'sqnrDb';
  const top = MARGIN.top + (bands.some((kind) => isAbove(kind, isBetterUp)) ? BAND_HEIGHT : 0);
  const below = bands.some((kind) => !isAbove(kind, isBetterUp)) ? BAND_HEIGHT : 0;
  const bottom = height - (hasNames ? namesHeight(input.names) : MARGIN.bottom) - below;
  const plot: Box = { left: MARGIN.left, right: width - MARGIN.right, top, bottom };
  const domain = valueDomain(input, values);
  const scale = (metric === 'sqnrDb' ? linearScale : logScale)(domain, [bottom, top]);
  const bandY = (kind: Band): number =>
    isAbove(kind, isBetterUp) ? top - BAND_HEIGHT / 2 - 2 : bottom + BAND_HEIGHT / 2 + 2;
  const place = (metrics: MetricsReport | null): number | null => {
    const value = chartValue(metrics, metric);
    if (value === null) return null;
    return typeof value === 'number' ? scale(Math.min(value, domain[1])) : bandY(value);
  };
  const xOf = (idx: number): number => plot.left + (idx + 0.5 - span.from) * step;
  // One more on each side, so that lines go on to the edge.
  const [first, end] = [
    Math.max(Math.floor(span.from) - 1, 0),
    Math.min(Math.ceil(span.to) + 1, layers.length),
  ];
  const marks: Mark[] = [];
  for (let idx = first; idx < end; idx++) {
    const layer = layers[idx];
    if (layer === undefined) continue;
    for (const each of series) {
      const y = place(layer[each]);
      if (y !== null) {
        marks.push({ layer: idx, series: each, label: markLabel(layer, each), x: xOf(idx), y });
      }
    }
  }
  return {
    plot,
    marks,
    lines: joinMarks(marks.filter((mark) => mark.series === 'accumulated')),
    thresholds:
      metric === 'sqnrDb'
        ? nameLines(thresholdLines(input, scale, xOf, plot, first, end), marks)
        : [],
    valueTicks: valueTicks(metric, domain, scale, plot),
    layerTicks: hasNames ? nameTicks(input.names, span, xOf) : numberTicks(span, xOf, plot),
    hasNames,
    bands: bands.map((kind) => ({ kind, y: bandY(kind) })),
    step,
    span,
  };
}

/** The layer whose mark is nearest to a point, else the one whose column the point is in; −1 outside the plot. */
export function layerAt(layout: ChartLayout, { x, y }: Point): number {
  const { plot, marks, span, step } = layout;
  if (x < plot.left || x > plot.right || y < 0) return -1;
  let [nearest, least] = [-1, REACH];
  for (const mark of marks) {
    if (Math.abs(mark.x - x) > REACH) continue;
    const distance = Math.hypot(mark.x - x, mark.y - y);
    if (distance < least) [nearest, least] = [mark.layer, distance];
  }
  return nearest === -1 ? Math.floor(span.from + (x - plot.left) / step) : nearest;
}

/** Pixels around a mark that count as the mark. */
const REACH = 12;

/** The value a metric shows on the chart; null where nothing was measured. */
export function chartValue(
  metrics: MetricsReport | null,
  metric: ChartMetric,
): number | Band | null {
  if (metrics === null) return null;
  if (metrics.sqnrDb === 'identical') return 'identical';
  return metrics[metric] === 0 ? 'identical' : metrics[metric];
}

/** Identical is the best and not finite the worst, wherever that is on the axis. */
function isAbove(kind: Band, isBetterUp: boolean): boolean {
  return (kind === 'identical') === isBetterUp;
}

function valueDomain(
  { layers, metric, series }: ChartInput,
  values: readonly (number | Band | null)[],
): [number, number] {
  const numbers = values.filter((value) => typeof value === 'number');
  if (metric === 'maxAbs') {
    if (numbers.length === 0) return [1e-8, 1];
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high * 1.01))];
  }
  for (const each of series) {
    for (const layer of layers) {
      if (layer[each] !== null) numbers.push(okThresholdDb(layer.dtype, each));
    }
  }
  if (numbers.length === 0) return [0, 160];
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return [
    Math.floor((low - DECIBEL_PADDING) / DECIBEL_STEP) * DECIBEL_STEP,
    Math.min(Math.ceil((high + DECIBEL_PADDING) / DECIBEL_STEP) * DECIBEL_STEP, DECIBEL_CEILING),
  ];
}

/**
 * Layers that were left unfolded differ by the rounding of float64, at 310 dB. They are drawn at the ceiling, so that
 * the scale is kept for what matters.
 */
const DECIBEL_CEILING = 200;

const DECIBEL_STEP = 20;
const DECIBEL_PADDING = 6;

function valueTicks(
  metric: ChartMetric,
  [low, high]: readonly [number, number],
  scale: Scale,
  { top, bottom }: Box,
): ChartLayout['valueTicks'] {
  const count = Math.max(Math.floor((bottom - top) / PIXELS_PER_TICK), 2);
  const ticks =
    metric === 'sqnrDb' ? linearTicks(low, high, count) : decadeTicks(low, high, count + 1);
  const textOf = metric === 'sqnrDb' ? numberText : powerText;
  return ticks.map((value) => ({ y: scale(value), text: textOf(value) }));
}

/** A power of ten in few characters. */
function powerText(value: number): string {
  return `1e${Math.round(Math.log10(value))}`.replace('-', '−');
}

function namesHeight(names: readonly string[]): number {
  const longest = names.reduce((most, { length }) => Math.max(most, length), 0);
  return NAME_HEIGHT.least + longest * NAME_HEIGHT.perCharacter;
}

function nameTicks(
  names: readonly string[],
  span: Span,
  xOf: (idx: number) => number,
): ChartLayout['layerTicks'] {
  return names.flatMap((text, idx) =>
    idx + 0.5 >= span.from && idx + 0.5 <= span.to ? [{ x: xOf(idx), text }] : [],
  );
}

/** Positions are counted from 1, as in the table. */
function numberTicks(
  span: Span,
  xOf: (idx: number) => number,
  plot: Box,
): ChartLayout['layerTicks'] {
  const count = Math.max(Math.floor((plot.right - plot.left) / PIXELS_PER_NUMBER), 1);
  return linearTicks(span.from + 1, span.to, count)
    .filter((position) => Number.isInteger(position) && position >= 1)
    .map((position) => ({ x: xOf(position - 1), text: String(position) }));
}

/** One line for every run of layers with the same element type. */
function thresholdLines(
  { layers, series }: ChartInput,
  scale: Scale,
  xOf: (idx: number) => number,
  plot: Box,
  first: number,
  end: number,
): Omit<ThresholdLine, 'name'>[] {
  const inside = (x: number): number => Math.min(Math.max(x, plot.left), plot.right);
  const lines: Omit<ThresholdLine, 'name'>[] = [];
  for (const each of allSeries.filter((one) => series.includes(one))) {
    if (layers.every((layer) => layer[each] === null)) continue;
    let start = first;
    for (let idx = first; idx < end; idx++) {
      const [here, next] = [layers[idx], layers[idx + 1]];
      if (here === undefined || (idx + 1 < end && next?.dtype === here.dtype)) continue;
      const decibels = okThresholdDb(here.dtype, each);
      const isLast = idx + 1 >= end;
      const from = start === first ? plot.left : inside(xOf(start - 0.5));
      const to = isLast ? plot.right : inside(xOf(idx + 0.5));
      lines.push({ series: each, decibels, y: scale(decibels), from, to });
      start = idx + 1;
    }
  }
  return lines;
}

/** Room that the name of a threshold takes. */
const NAME_BOX = { width: 170, height: 18 };

/** Puts each name to that end of its line, above or below it, where the fewest marks are. */
function nameLines(
  lines: readonly Omit<ThresholdLine, 'name'>[],
  marks: readonly Mark[],
): readonly ThresholdLine[] {
  const { width, height } = NAME_BOX;
  return lines.map((line) => {
    const { from, to, y } = line;
    if (to - from < width) return { ...line, name: null };
    const places = [to - width / 2, from + width / 2, (from + to) / 2].flatMap((x) => [
      { x, y, side: 'above' as const },
      { x, y, side: 'below' as const },
    ]);
    const hidden = places.map(({ x, side }) => {
      const middle = side === 'above' ? y - height / 2 : y + height / 2;
      return marks.filter(
        (mark) =>
          Math.abs(mark.x - x) < width / 2 + 6 && Math.abs(mark.y - middle) < height / 2 + 4,
      ).length;
    });
    const best = hidden.indexOf(Math.min(...hidden));
    return { ...line, name: places[best] ?? null };
  });
}

function joinMarks(marks: readonly Mark[]): readonly (readonly Point[])[] {
  const lines: Point[][] = [];
  marks.forEach((mark, idx) => {
    const isNeighbour = marks[idx - 1]?.layer === mark.layer - 1;
    if (!isNeighbour) lines.push([]);
    lines.at(-1)?.push(mark);
  });
  return lines.filter(({ length }) => length > 1);
}
