import { fillPlaces } from '../../../src/core/wording/fillPlaces';
import type {
  DriftDetail,
  DriftLayerReport,
  MetricsReport,
  QuantizationReport,
} from '../../../src/protocol/drift';
import type { DriftTexts } from '../../../src/protocol/driftView';
import { element } from '../../shared/element';
import { numberText } from '../../shared/numberText';
import { labelIcon } from '../chart/legend';
import { allSeries } from '../viewState';
import { decibels, decibelText, labelText, metricText } from '../wording';
import { histogramChart, outputRangeChart, weightRangeChart } from './detailCharts';

/** What is known of a layer's detail so far. */
export type DetailState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly sentence: string }
  | { readonly kind: 'ready'; readonly detail: DriftDetail };

/** One layer in full: how it was folded, what that changes, and what it means for quantizing. */
export function layerDetail(
  layer: DriftLayerReport,
  state: DetailState,
  texts: DriftTexts,
  onReveal: () => void,
): HTMLElement {
  return element(
    'article',
    { class: 'detail', attributes: { 'aria-label': layer.id } },
    detailHead(layer, texts, onReveal),
    ...sentences(layer, texts),
    ...metricsTable(layer, texts),
    ...detailCharts(state, texts),
    ...(layer.quantization === null ? [] : quantizationFacts(layer.quantization, texts)),
  );
}

/** The badge of a label: its mark and its word. */
export function labelBadge(layer: DriftLayerReport, texts: DriftTexts): HTMLElement {
  const label = layer.label ?? 'none';
  return element(
    'span',
    { class: `badge is-${label}` },
    labelIcon(label),
    element('span', { text: labelText(layer, texts) }),
  );
}

function detailHead(layer: DriftLayerReport, texts: DriftTexts, onReveal: () => void): HTMLElement {
  const reveal = element('button', {
    class: 'link',
    text: texts.reveal,
    attributes: { type: 'button' },
  });
  reveal.addEventListener('click', onReveal);
  return element(
    'header',
    { class: 'detail-head' },
    element('h2', { text: layer.id }),
    labelBadge(layer, texts),
    element('span', { class: 'faint', text: layer.dtype }),
    reveal,
  );
}

function sentences(layer: DriftLayerReport, texts: DriftTexts): HTMLElement[] {
  const lines = [layer.explanation?.sentence ?? texts.notFound];
  const isRenamed = layer.candidate !== null && layer.candidate !== layer.id;
  if (isRenamed) lines.push(fillPlaces(texts.fusedAs, layer.candidate));
  return lines.map((text) => element('p', { text }));
}

const metricKeys = ['sqnrDb', 'maxAbs', 'meanAbs', 'rms', 'relL2', 'cosine', 'maxUlp'] as const;

function metricsTable(layer: DriftLayerReport, texts: DriftTexts): HTMLElement[] {
  const measured = allSeries.flatMap((series) => {
    const metrics = layer[series];
    return metrics === null ? [] : [{ series, metrics }];
  });
  if (measured.length === 0) return [];
  const titles = measured.map(({ series }) =>
    element('th', { text: texts[series], attributes: { scope: 'col' } }),
  );
  const rows = metricKeys.map((key) =>
    element(
      'tr',
      {},
      element('th', { text: texts.metrics[key], attributes: { scope: 'row' } }),
      ...measured.map(({ metrics }) => element('td', { text: figure(metrics, key, texts) })),
    ),
  );
  const head = element('thead', {}, element('tr', {}, element('td'), ...titles));
  return [element('table', { class: 'figures' }, head, element('tbody', {}, ...rows))];
}

const NEAR_ONE = 0.999;

function figure(
  metrics: MetricsReport,
  key: (typeof metricKeys)[number],
  texts: DriftTexts,
): string {
  if (key === 'sqnrDb') return decibelText(metrics, texts);
  // What is missing to 1 is what a cosine is about.
  if (key === 'cosine' && metrics.cosine > NEAR_ONE) {
    const missing = 1 - metrics.cosine;
    return missing > 0 ? `1 − ${numberText(missing)}` : '1';
  }
  return metricText(metrics[key], texts);
}

function detailCharts(state: DetailState, texts: DriftTexts): HTMLElement[] {
  switch (state.kind) {
    case 'loading':
      return [element('p', { class: 'faint', text: texts.loadingDetail })];
    case 'failed':
      return [element('p', { class: 'failure', text: state.sentence })];
    case 'none':
      return [];
    case 'ready': {
      const { detail } = state;
      return [
        histogramChart(detail, texts),
        weightRangeChart(detail, texts),
        outputRangeChart(detail, texts),
        element('p', { class: 'faint small', text: texts.outputRangeHelp }),
      ];
    }
  }
}

function quantizationFacts(report: QuantizationReport, texts: DriftTexts): HTMLElement[] {
  const quality = (value: number | 'identical'): string =>
    value === 'identical' ? texts.identical : `${decibels(value)} dB`;
  const { outputRange, spreadBefore, spreadAfter } = report;
  const activation = ['none', 'unknown'].includes(outputRange.activation)
    ? ''
    : ` (${outputRange.activation})`;
  const facts = [
    [texts.spread, `${numberText(spreadBefore)} → ${numberText(spreadAfter)}`],
    [texts.int8Tensor, quality(report.int8TensorDb)],
    [texts.int8Channel, quality(report.int8ChannelDb)],
    [texts.fp16, fillPlaces(texts.fp16Counts, report.fp16Overflow, report.fp16Subnormal)],
    [texts.deadChannels, String(report.deadChannels)],
    [texts.negativeGamma, String(report.negativeGamma)],
    [
      texts.outputRange,
      `${numberText(outputRange.min)} … ${numberText(outputRange.max)}${activation}`,
    ],
  ] as const;
  const rows = facts.flatMap(([name, value]) => [
    element('dt', { text: name }),
    element('dd', { text: value }),
  ]);
  return [element('h3', { text: texts.quantization }), element('dl', { class: 'facts' }, ...rows)];
}
