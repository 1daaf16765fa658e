import { traceGlyph } from '../../shared/chart/glyphs';
import { crisp, strokeLine } from '../../shared/chart/strokeLine';
import type { Theme } from '../../shared/theme';
import type { DriftTexts } from '../../../src/protocol/driftView';
import { fillPlaces } from '../../../src/core/wording/fillPlaces';
import { allSeries, type Series } from '../viewState';
import type { Band, ChartLayout, Mark } from './layout';
import { labelColor, labelFills, labelRadius, seriesShapes } from './marks';
import type { MarkLabel } from './markLabel';

/** What the chart stresses. Indices are those of the layers, −1 for none. */
export interface ChartStress {
  readonly hovered: number;
  readonly selected: number;
  /** Whether a layer passes the filter; the others are drawn faintly. */
  readonly isShown: (layer: number) => boolean;
}

const markLabels: readonly MarkLabel[] = ['inherited', 'ok', 'none', 'warn', 'bad'];
const SMALLEST_MARK = 1.8;
const LARGEST_MARK = 5;
/** Share of a layer's column that its mark fills. */
const MARK_SHARE = 0.32;
/** The stripe behind a stressed layer. */
const WIDEST_COLUMN = 44;
const NAME_ANGLE = -Math.PI / 5;

/** Paints a chart that is laid out. */
export function drawChart(
  context: CanvasRenderingContext2D,
  layout: ChartLayout,
  theme: Theme,
  texts: DriftTexts,
  stress: ChartStress,
): void {
  context.lineJoin = 'round';
  context.lineCap = 'round';
  drawAxes(context, layout, theme, texts);
  drawColumn(context, layout, stress.hovered, theme.foreground, theme.isHighContrast ? 0.25 : 0.08);
  drawColumn(context, layout, stress.selected, theme.focus, theme.isHighContrast ? 0.4 : 0.18);
  drawThresholds(context, layout, theme);
  nameThresholds(context, layout, theme, texts);
  context.save();
  clipToPlot(context, layout);
  drawLines(context, layout, theme);
  drawMarks(context, layout, theme, stress);
  context.restore();
}

/** Radius of a mark at the present zoom. */
export function markRadius({ step }: Pick<ChartLayout, 'step'>): number {
  return Math.min(Math.max(step * MARK_SHARE, SMALLEST_MARK), LARGEST_MARK);
}

function drawAxes(
  context: CanvasRenderingContext2D,
  { plot, valueTicks, layerTicks, hasNames, bands }: ChartLayout,
  theme: Theme,
  texts: DriftTexts,
): void {
  const small = Math.round(theme.fontSize * 0.85);
  context.font = `${small}px ${theme.font}`;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  context.lineWidth = 1;
  const gridOpacity = theme.isHighContrast ? 0.3 : 0.12;
  for (const { y, text } of valueTicks) {
    const [from, to] = [
      { x: plot.left, y: crisp(y) },
      { x: plot.right, y: crisp(y) },
    ];
    strokeLine(context, theme.foreground, from, to, gridOpacity);
    context.fillStyle = theme.faint;
    context.fillText(text, plot.left - 8, y);
  }
  const bandTexts: Readonly<Record<Band, string>> = {
    identical: texts.identical,
    'not finite': texts.notFinite,
  };
  for (const { kind, y } of bands) {
    context.fillStyle = theme.faint;
    context.fillText(bandTexts[kind], plot.left - 8, y, plot.left - 10);
  }
  const below = bands.reduce((lowest, { y }) => Math.max(lowest, y), plot.bottom);
  for (const { x, text } of layerTicks) {
    context.fillStyle = theme.faint;
    if (hasNames) {
      context.save();
      context.translate(x + 3, below + 12);
      context.rotate(NAME_ANGLE);
      context.textAlign = 'right';
      context.fillText(text, 0, 0);
      context.restore();
    } else {
      context.textAlign = 'center';
      context.fillText(text, x, below + 15);
    }
  }
}

function drawColumn(
  context: CanvasRenderingContext2D,
  { plot, span, step }: ChartLayout,
  layer: number,
  color: string,
  opacity: number,
): void {
  if (layer < Math.floor(span.from) || layer >= span.to) return;
  const width = Math.min(Math.max(step, 3), WIDEST_COLUMN);
  const center = plot.left + (layer + 0.5 - span.from) * step;
  const [from, to] = [
    Math.max(center - width / 2, plot.left),
    Math.min(center + width / 2, plot.right),
  ];
  context.globalAlpha = opacity;
  context.fillStyle = color;
  context.fillRect(from, plot.top - 6, Math.max(to - from, 0), plot.bottom - plot.top + 6);
  context.globalAlpha = 1;
}

function drawThresholds(
  context: CanvasRenderingContext2D,
  { thresholds }: ChartLayout,
  theme: Theme,
): void {
  for (const { series, y, from, to } of thresholds) {
    context.setLineDash(thresholdDashes[series]);
    const level = crisp(y);
    strokeLine(context, theme.foreground, { x: from, y: level }, { x: to, y: level }, 0.55);
  }
  context.setLineDash([]);
}

/** Names come over lines and grid, with a rim of the background that keeps them readable. */
function nameThresholds(
  context: CanvasRenderingContext2D,
  { thresholds }: ChartLayout,
  theme: Theme,
  texts: DriftTexts,
): void {
  context.textAlign = 'center';
  context.lineWidth = 3;
  const named = new Set<Series>();
  for (const { series, decibels, name } of thresholds.toReversed()) {
    if (named.has(series) || name === null) continue;
    named.add(series);
    const text = fillPlaces(texts.threshold, decibels, texts[series]);
    const isAbove = name.side === 'above';
    context.textBaseline = isAbove ? 'bottom' : 'top';
    const y = isAbove ? name.y - 3 : name.y + 4;
    context.strokeStyle = theme.background;
    context.strokeText(text, name.x, y);
    context.fillStyle = theme.faint;
    context.fillText(text, name.x, y);
  }
}

/** Lines are told apart by their dashes, as marks are by their shapes. */
export const thresholdDashes: Readonly<Record<Series, number[]>> = {
  isolated: [6, 4],
  accumulated: [1.5, 4],
};

function drawLines(context: CanvasRenderingContext2D, { lines }: ChartLayout, theme: Theme): void {
  context.strokeStyle = theme.blue;
  context.globalAlpha = theme.isHighContrast ? 0.9 : 0.45;
  context.lineWidth = 1.25;
  context.beginPath();
  for (const points of lines) {
    points.forEach(({ x, y }, idx) => {
      if (idx === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
  }
  context.stroke();
  context.globalAlpha = 1;
}

/** Marks of one kind go into one path: a thousand layers are a dozen strokes, not thousands. */
function drawMarks(
  context: CanvasRenderingContext2D,
  layout: ChartLayout,
  theme: Theme,
  { isShown, hovered, selected }: ChartStress,
): void {
  const radius = markRadius(layout);
  for (const isFaint of [true, false]) {
    const marks = layout.marks.filter((mark) => isShown(mark.layer) !== isFaint);
    context.globalAlpha = isFaint ? 0.2 : 1;
    for (const label of markLabels) {
      for (const series of allSeries) {
        const same = marks.filter((mark) => mark.series === series && mark.label === label);
        if (same.length > 0) drawSame(context, same, label, series, radius, theme);
      }
    }
  }
  context.globalAlpha = 1;
  for (const mark of layout.marks) {
    if (mark.layer !== hovered && mark.layer !== selected) continue;
    drawSame(context, [mark], mark.label, mark.series, Math.max(radius * 1.25, 4), theme);
  }
}

function drawSame(
  context: CanvasRenderingContext2D,
  marks: readonly Mark[],
  label: MarkLabel,
  series: Series,
  radius: number,
  theme: Theme,
): void {
  const [shape, fill] = [seriesShapes[series], labelFills[label]];
  const scaled = labelRadius(label, radius);
  context.beginPath();
  for (const { x, y } of marks) traceGlyph(context, shape, fill, x, y, scaled);
  const color = labelColor(label, theme);
  // The inside of a hollow mark hides what is behind it, so that overlapping marks stay apart.
  context.fillStyle = fill === 'full' ? color : theme.background;
  context.fill();
  context.strokeStyle = color;
  context.lineWidth = fill === 'full' ? 0.5 : Math.min(1.5, scaled * 0.5);
  context.stroke();
}

/** Marks and lines end at the sides; above and below they may reach into the bands. */
function clipToPlot(context: CanvasRenderingContext2D, { plot, bands }: ChartLayout): void {
  const edges = bands.map(({ y }) => y);
  const top = Math.min(plot.top, ...edges) - 10;
  const bottom = Math.max(plot.bottom, ...edges) + 10;
  context.beginPath();
  context.rect(plot.left - 2, top, plot.right - plot.left + 4, bottom - top);
  context.clip();
}
