import type { DriftReport, MetricsReport } from './drift';

const metrics = ['maxAbs', 'meanAbs', 'rms', 'relL2', 'sqnrDb', 'cosine', 'maxUlp'] as const;

/** The layers of a report as comma-separated values (RFC 4180), one line a layer, header first. */
export function driftCsv(report: DriftReport): string {
  const header = [
    'id',
    'candidate',
    'label',
    'recipe',
    ...metrics.map((name) => `isolated_${name}`),
    ...metrics.map((name) => `accumulated_${name}`),
    'spread_before',
    'spread_after',
    'int8_tensor_db',
    'int8_channel_db',
  ];
  const rows = report.layers.map((layer) => [
    layer.id,
    layer.candidate ?? '',
    layer.label ?? '',
    layer.explanation?.recipe ?? '',
    ...metricCells(layer.isolated),
    ...metricCells(layer.accumulated),
    layer.quantization?.spreadBefore ?? '',
    layer.quantization?.spreadAfter ?? '',
    layer.quantization?.int8TensorDb ?? '',
    layer.quantization?.int8ChannelDb ?? '',
  ]);
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function metricCells(report: MetricsReport | null): (string | number)[] {
  return metrics.map((name) => report?.[name] ?? '');
}

function cell(value: string | number): string {
  const text = String(value);
  // A spreadsheet runs a cell that begins like a formula; names come from files.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
