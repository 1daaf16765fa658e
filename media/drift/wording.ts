import { fillPlaces } from '../../src/core/wording/fillPlaces';
import type { DriftLayerReport, MetricsReport } from '../../src/protocol/drift';
import type { DriftTexts } from '../../src/protocol/driftView';
import { numberText } from '../shared/numberText';
import { sortableDecibels } from './shownLayers';
import type { ChartMetric } from './viewState';

/** An SQNR as people read it; a dash where nothing was measured. */
export function decibelText(metrics: MetricsReport | null, texts: DriftTexts): string {
  if (metrics === null) return '–';
  const { sqnrDb } = metrics;
  if (sqnrDb === 'identical') return texts.identical;
  return sqnrDb === 'not finite' ? texts.notFinite : `${decibels(sqnrDb)} dB`;
}

/** Decibels with one digit behind the point, and a true minus sign. */
export function decibels(value: number): string {
  return value.toFixed(1).replace('-', '−');
}

/** A metric that is no decibel. */
export function metricText(value: number | 'not finite', texts: DriftTexts): string {
  return value === 'not finite' ? texts.notFinite : numberText(value);
}

export function labelText({ label }: DriftLayerReport, texts: DriftTexts): string {
  return texts.labels[label ?? 'none'];
}

/** A layer in one line, for screen readers. */
export function layerSentence(layer: DriftLayerReport, texts: DriftTexts): string {
  const figures = (['isolated', 'accumulated'] as const).flatMap((series) => {
    const metrics = layer[series];
    if (metrics === null) return [];
    const error = `${texts.maxError} ${metricText(metrics.maxAbs, texts)}`;
    return [`${texts[series]} ${decibelText(metrics, texts)}, ${error}`];
  });
  const found = layer.candidate === null && figures.length === 0 ? [texts.notFound] : figures;
  return [layer.id, labelText(layer, texts), ...found].join('; ');
}

/** What the chart shows as a whole, in one sentence, for those who do not see it. */
export function chartSentence(
  layers: readonly DriftLayerReport[],
  metric: ChartMetric,
  texts: DriftTexts,
): string {
  const range = (['isolated', 'accumulated'] as const).flatMap((series) => {
    const values = layers
      .map((layer) =>
        metric === 'sqnrDb' ? sortableDecibels(layer[series]) : errorOf(layer[series]),
      )
      .filter((value) => value !== null && Number.isFinite(value))
      .filter((value) => value !== null);
    if (values.length === 0) return [];
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const text =
      metric === 'sqnrDb'
        ? `${decibels(low)}–${decibels(high)} dB`
        : `${numberText(low)}–${numberText(high)}`;
    return [`${texts[series]} ${text}`];
  });
  return [fillPlaces(texts.chartSummary, layers.length, countsText(layers, texts)), ...range].join(
    '; ',
  );
}

/** `11 ok · 1 bad`; labels that no layer has are left out. */
export function countsText(layers: readonly DriftLayerReport[], texts: DriftTexts): string {
  return (['bad', 'warn', 'ok', 'none'] as const)
    .map((label) => ({
      label,
      count: layers.filter((layer) => (layer.label ?? 'none') === label).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ label, count }) => `${count} ${texts.labels[label]}`)
    .join(' · ');
}

function errorOf(metrics: MetricsReport | null): number | null {
  return metrics === null || metrics.maxAbs === 'not finite' ? null : metrics.maxAbs;
}
