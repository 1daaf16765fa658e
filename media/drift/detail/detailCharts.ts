import { fillPlaces } from '../../../src/core/wording/fillPlaces';
import type { DriftDetail } from '../../../src/protocol/drift';
import type { DriftTexts } from '../../../src/protocol/driftView';
import { smallChart } from '../../shared/chart/smallChart';
import { numberText } from '../../shared/numberText';
import type { Theme } from '../../shared/theme';
import { histogramBars, outputBars, rangeColumns, type PlotBox } from './detailLayout';

const MARGIN = { left: 52, right: 8, top: 8, bottom: 20 };

/** How the isolated errors spread around zero. */
export function histogramChart({ histogram }: DriftDetail, texts: DriftTexts): HTMLElement {
  const { edges, counts } = histogram;
  const largest = Math.abs(edges[0] ?? 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const isExact = counts.filter((count) => count > 0).length === 1 && largest === 1;
  const summary = isExact
    ? texts.histogramExact
    : fillPlaces(texts.histogramSummary, total, numberText(largest));
  return smallChart(texts.histogram, summary, (context, theme, width, height) => {
    const box = { ...plotBox(width, height), left: MARGIN.right };
    strokeBase(context, theme, box);
    context.fillStyle = theme.blue;
    for (const bar of histogramBars(histogram, box)) {
      context.fillRect(bar.x, bar.y, bar.width, bar.height);
    }
    context.fillStyle = theme.faint;
    context.textBaseline = 'top';
    const y = box.bottom + 5;
    if (!isExact) {
      writeAt(context, 'left', numberText(-largest), box.left, y);
      writeAt(context, 'right', numberText(largest), box.right, y);
    }
    writeAt(context, 'center', '0', (box.left + box.right) / 2, y);
  });
}

/** Per-channel weight ranges before and after folding, widest channel first. */
export function weightRangeChart(
  { rangeBefore, rangeAfter }: DriftDetail,
  texts: DriftTexts,
): HTMLElement {
  const widest = rangeAfter.reduce((a, b) => Math.max(a, b), 0);
  const sorted = rangeAfter.filter((value) => value > 0).toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const summary = fillPlaces(
    texts.weightRangeSummary,
    rangeAfter.length,
    numberText(widest),
    numberText(median),
  );
  return smallChart(texts.weightRange, summary, (context, theme, width, height) => {
    const box = plotBox(width, height);
    const layout = rangeColumns(rangeBefore, rangeAfter, box);
    if (layout === null) return;
    context.fillStyle = theme.blue;
    for (const { after } of layout.columns) {
      context.fillRect(after.x, after.y, Math.max(after.width, 0.5), after.height);
    }
    context.fillStyle = theme.foreground;
    for (const { after, beforeY } of layout.columns) {
      if (beforeY !== null) context.fillRect(after.x, beforeY - 1, Math.max(after.width, 1.5), 2);
    }
    strokeBase(context, theme, box);
    context.fillStyle = theme.faint;
    context.textBaseline = 'middle';
    writeAt(context, 'right', numberText(layout.high), box.left - 6, box.top + 4);
    writeAt(context, 'right', numberText(layout.low), box.left - 6, box.bottom - 4);
    writeKey(context, theme, texts, box);
  });
}

/** The range each output channel is promised to stay in. */
export function outputRangeChart(
  { outputMin, outputMax }: DriftDetail,
  texts: DriftTexts,
): HTMLElement {
  const low = outputMin.reduce((a, b) => Math.min(a, b), Infinity);
  const high = outputMax.reduce((a, b) => Math.max(a, b), -Infinity);
  const summary = fillPlaces(
    texts.outputRangeSummary,
    outputMin.length,
    numberText(low),
    numberText(high),
  );
  return smallChart(texts.outputRange, summary, (context, theme, width, height) => {
    const box = plotBox(width, height);
    const layout = outputBars(outputMin, outputMax, box);
    if (layout === null) return;
    context.fillStyle = theme.blue;
    context.globalAlpha = theme.isHighContrast ? 1 : 0.75;
    for (const bar of layout.bars) {
      context.fillRect(bar.x, bar.y, Math.max(bar.width, 0.5), bar.height);
    }
    context.globalAlpha = 1;
    context.strokeStyle = theme.foreground;
    context.lineWidth = 1;
    strokeLevel(context, box, layout.zeroY);
    context.fillStyle = theme.faint;
    context.textBaseline = 'middle';
    writeAt(context, 'right', numberText(layout.high), box.left - 6, box.top + 4);
    writeAt(context, 'right', numberText(layout.low), box.left - 6, box.bottom - 4);
    context.textBaseline = 'top';
    writeAt(context, 'center', texts.channel, (box.left + box.right) / 2, box.bottom + 5);
  });
}

function writeKey(
  context: CanvasRenderingContext2D,
  theme: Theme,
  texts: DriftTexts,
  box: PlotBox,
): void {
  const y = box.bottom + 11;
  let x = box.left;
  context.textAlign = 'left';
  const entries = [
    [texts.before, theme.foreground, 2],
    [texts.after, theme.blue, 9],
  ] as const;
  for (const [text, color, thickness] of entries) {
    context.fillStyle = color;
    context.fillRect(x, y - thickness / 2, 10, thickness);
    context.fillStyle = theme.faint;
    context.fillText(text, x + 15, y);
    x += 15 + context.measureText(text).width + 16;
  }
}

function plotBox(width: number, height: number): PlotBox {
  return {
    left: MARGIN.left,
    top: MARGIN.top,
    right: width - MARGIN.right,
    bottom: height - MARGIN.bottom,
  };
}

function strokeBase(context: CanvasRenderingContext2D, theme: Theme, box: PlotBox): void {
  context.strokeStyle = theme.grid;
  context.lineWidth = 1;
  strokeLevel(context, box, box.bottom);
}

function strokeLevel(context: CanvasRenderingContext2D, box: PlotBox, y: number): void {
  const sharp = Math.round(y) + 0.5;
  context.beginPath();
  context.moveTo(box.left, sharp);
  context.lineTo(box.right, sharp);
  context.stroke();
}

function writeAt(
  context: CanvasRenderingContext2D,
  align: CanvasTextAlign,
  text: string,
  x: number,
  y: number,
): void {
  context.textAlign = align;
  context.fillText(text, x, y);
}
