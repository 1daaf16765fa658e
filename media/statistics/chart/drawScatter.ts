import { traceGlyph, type GlyphFill, type GlyphShape } from '../../shared/chart/glyphs';
import { crisp, strokeLine } from '../../shared/chart/strokeLine';
import type { Theme } from '../../shared/theme';
import type { Closeness } from '../channelPoints';
import type { Edge, ScatterLayout, ScatterMark } from './scatterLayout';

/** What the chart stresses. Indices are those of the points, −1 for none. */
export interface ScatterStress {
  readonly hovered: number;
  readonly selected: number;
}

/** How a mark looks: a channel is told to be near or far by shape as well as by colour. */
export interface MarkStyle {
  readonly shape: GlyphShape;
  readonly fill: GlyphFill;
}

export const markStyles: Readonly<Record<Closeness, MarkStyle>> = {
  near: { shape: 'circle', fill: 'full' },
  far: { shape: 'diamond', fill: 'hollow' },
};

/** Paints a scatter that is laid out; `titles` are those of the two axes. */
export function drawScatter(
  context: CanvasRenderingContext2D,
  layout: ScatterLayout,
  theme: Theme,
  titles: { readonly x: string; readonly y: string },
  { hovered, selected }: ScatterStress,
): void {
  context.lineJoin = 'round';
  drawGrid(context, layout, theme);
  drawTitles(context, layout, theme, titles);
  drawLine(context, layout, theme);
  const stressed = layout.marks.find(({ index }) => index === selected);
  if (stressed !== undefined) drawCross(context, layout, theme, stressed);
  // Far ones last: there are few of them on a good picture.
  for (const closeness of [null, 'near', 'far'] as const) {
    const marks = layout.marks.filter((mark) => mark.closeness === closeness);
    drawMarks(context, marks, closeness, layout.radius, theme);
  }
  for (const mark of layout.marks) {
    if (mark.index !== hovered && mark.index !== selected) continue;
    drawMarks(context, [mark], mark.closeness, layout.radius + 1, theme);
    drawRing(
      context,
      mark,
      layout.radius,
      mark.index === selected ? theme.focus : theme.foreground,
    );
  }
}

function drawGrid(
  context: CanvasRenderingContext2D,
  { plot, xTicks, yTicks, zero }: ScatterLayout,
  theme: Theme,
): void {
  context.font = smallFont(theme);
  context.fillStyle = theme.faint;
  context.lineWidth = 1;
  const grid = theme.isHighContrast ? 0.3 : 0.1;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const { y, text } of yTicks) {
    const level = crisp(y);
    const ends = [
      { x: plot.left, y: level },
      { x: plot.right, y: level },
    ] as const;
    strokeLine(context, theme.foreground, ...ends, grid);
    context.fillText(text, plot.left - 7, y, plot.left - 27);
  }
  context.textBaseline = 'top';
  context.textAlign = 'center';
  for (const { x, text } of xTicks) {
    const place = crisp(x);
    const ends = [
      { x: place, y: plot.top },
      { x: place, y: plot.bottom },
    ] as const;
    strokeLine(context, theme.foreground, ...ends, grid);
    context.fillText(text, x, plot.bottom + 7);
  }
  if (zero === null) return;
  const stress = theme.isHighContrast ? 0.8 : 0.35;
  const [x, y] = [crisp(zero.x), crisp(zero.y)];
  strokeLine(context, theme.foreground, { x: plot.left, y }, { x: plot.right, y }, stress);
  strokeLine(context, theme.foreground, { x, y: plot.top }, { x, y: plot.bottom }, stress);
}

function drawTitles(
  context: CanvasRenderingContext2D,
  { plot }: ScatterLayout,
  theme: Theme,
  { x, y }: { readonly x: string; readonly y: string },
): void {
  context.font = smallFont(theme);
  context.fillStyle = theme.foreground;
  context.textAlign = 'center';
  context.textBaseline = 'bottom';
  const [middle, center] = [(plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2];
  context.fillText(x, middle, plot.bottom + 40, plot.right - plot.left);
  context.save();
  context.translate(4, center);
  context.rotate(-Math.PI / 2);
  context.textBaseline = 'top';
  context.fillText(y, 0, 0, plot.bottom - plot.top);
  context.restore();
}

function drawLine(
  context: CanvasRenderingContext2D,
  { line, band }: ScatterLayout,
  theme: Theme,
): void {
  const [first, ...corners] = band ?? [];
  if (first !== undefined) {
    context.globalAlpha = theme.isHighContrast ? 0.25 : 0.12;
    context.fillStyle = theme.green;
    context.beginPath();
    context.moveTo(first.x, first.y);
    for (const { x, y } of corners) context.lineTo(x, y);
    context.fill();
    context.globalAlpha = 1;
  }
  context.lineWidth = 1.25;
  context.setLineDash([6, 4]);
  strokeLine(context, theme.foreground, ...line, 0.7);
  context.setLineDash([]);
}

/** Thin lines from a mark to both axes, where its values can be read. */
function drawCross(
  context: CanvasRenderingContext2D,
  { plot }: ScatterLayout,
  theme: Theme,
  { x, y }: ScatterMark,
): void {
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  strokeLine(context, theme.focus, { x, y }, { x: plot.left, y });
  strokeLine(context, theme.focus, { x, y }, { x, y: plot.bottom });
  context.setLineDash([]);
}

/** Marks of one kind in one path: hundreds of channels are a few strokes. */
function drawMarks(
  context: CanvasRenderingContext2D,
  marks: readonly ScatterMark[],
  closeness: Closeness | null,
  radius: number,
  theme: Theme,
): void {
  const { shape, fill } = markStyles[closeness ?? 'far'];
  context.beginPath();
  for (const { x, y, beyond } of marks) {
    if (beyond === null) traceGlyph(context, shape, fill, x, y, radius);
    else traceArrow(context, beyond, x, y, radius + 1);
  }
  const color = markColor(closeness, theme);
  // The inside of a hollow mark hides what is behind it, so that overlapping marks stay apart.
  context.fillStyle = fill === 'full' ? color : theme.background;
  context.globalAlpha = fill === 'full' && !theme.isHighContrast ? 0.85 : 1;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = fill === 'full' ? theme.background : color;
  context.lineWidth = fill === 'full' ? 0.75 : 1.5;
  context.stroke();
}

function drawRing(
  context: CanvasRenderingContext2D,
  { x, y }: ScatterMark,
  radius: number,
  color: string,
): void {
  context.beginPath();
  context.arc(x, y, radius + 5, 0, 2 * Math.PI);
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.stroke();
}

const directions: Readonly<Record<Edge, readonly [number, number]>> = {
  left: [-1, 0],
  right: [1, 0],
  top: [0, -1],
  bottom: [0, 1],
};

/** An arrowhead whose tip touches the edge behind which the point lies. */
function traceArrow(
  context: CanvasRenderingContext2D,
  edge: Edge,
  x: number,
  y: number,
  radius: number,
): void {
  const [dx, dy] = directions[edge];
  const [backX, backY] = [x - dx * radius * 1.7, y - dy * radius * 1.7];
  context.moveTo(x, y);
  context.lineTo(backX - dy * radius, backY + dx * radius);
  context.lineTo(backX + dy * radius, backY - dx * radius);
  context.closePath();
}

function markColor(closeness: Closeness | null, theme: Theme): string {
  if (closeness === null) return theme.faint;
  return closeness === 'near' ? theme.green : theme.yellow;
}

function smallFont({ font, fontSize }: Theme): string {
  return `${Math.round(fontSize * 0.85)}px ${font}`;
}
