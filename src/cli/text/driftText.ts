import type { DriftLayerReport, DriftReport, MetricsReport } from '../../protocol/drift';
import type { Color, Output } from '../output';
import { reasonLines } from './inspectText';
import { plainText } from './plainText';
import { alignRows } from './table';

const labelColors: Readonly<Record<'ok' | 'warn' | 'bad', Color>> = {
  ok: 'green',
  warn: 'yellow',
  bad: 'red',
};

/** Layers named under "look at these first". */
const SHOWN_ATTENTION = 5;

/** `drift` for people: one line a layer, the network's outputs, and what to look at first when quantizing. */
export function driftText(report: DriftReport, output: Pick<Output, 'paint'>): string {
  const against = report.candidate ?? 'what fuse would write';
  const title = `${plainText(report.reference)} against ${plainText(against)}`;
  const rows = report.layers.map((layer) => layerRow(layer, output));
  const header = ['label', 'layer', 'isolated', 'accumulated', ''].map((text) =>
    output.paint('dim', text),
  );
  const outputs = report.outputs.map(
    ({ name, ...metrics }) =>
      ` ${plainText(name)}  ${decibelText(metrics)}, at most ${metrics.maxAbs}`,
  );
  const attention = report.attention
    .slice(0, SHOWN_ATTENTION)
    .map(({ id, sentence }) => ` ${plainText(id)}: ${sentence}`);
  const left = report.left.flatMap(({ id, reasons }) => [
    ` ${plainText(id)}`,
    ...reasonLines(reasons, output),
  ]);
  return [
    output.paint('bold', title),
    ...(rows.length === 0 ? [] : alignRows([header, ...rows])),
    ...(outputs.length === 0
      ? []
      : ['', `Outputs (${report.runtime ?? ''}, ${samplesText(report.samples)}):`, ...outputs]),
    ...(report.note === null || report.error !== undefined ? [] : ['', plainText(report.note)]),
    ...(left.length === 0 ? [] : ['', 'Blocked, so there is nothing to measure:', ...left]),
    ...(attention.length === 0 ? [] : ['', 'Look at these first when quantizing:', ...attention]),
  ].join('\n');
}

function samplesText(samples: number): string {
  return samples === 1 ? '1 sample' : `${samples} samples`;
}

function layerRow(layer: DriftLayerReport, { paint }: Pick<Output, 'paint'>): string[] {
  const { label, explanation } = layer;
  // A right fold needs no words; the label has said it.
  const isRight = explanation?.recipe === 'right' && layer.candidate === null;
  return [
    label === null ? paint('dim', '–') : paint(labelColors[label], label),
    plainText(layer.id),
    decibelText(layer.isolated),
    decibelText(layer.accumulated),
    explanation === null
      ? 'not found in the fused file'
      : isRight
        ? ''
        : plainText(explanation.sentence),
  ];
}

function decibelText(metrics: MetricsReport | null): string {
  if (metrics === null) return '–';
  const { sqnrDb } = metrics;
  return typeof sqnrDb === 'number' ? `${sqnrDb.toFixed(1)} dB` : sqnrDb;
}
