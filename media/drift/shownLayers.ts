import type { DriftLabel } from '../../src/core/drift/label';
import type { DriftLayerReport, MetricsReport } from '../../src/protocol/drift';
import type { ViewState } from './viewState';

/** A layer and its place in the model, counted from 0. */
export interface LayerRow {
  readonly id: string;
  readonly position: number;
  readonly layer: DriftLayerReport;
}

export const columnKeys = [
  'position',
  'layer',
  'label',
  'isolated',
  'accumulated',
  'maxError',
  'recipe',
] as const;
export type ColumnKey = (typeof columnKeys)[number];

/** The rows that pass the filter, in the order asked for. Layers without a figure stay last either way. */
export function shownLayers(
  layers: readonly DriftLayerReport[],
  view: Pick<ViewState, 'filter' | 'label' | 'sort'>,
): readonly LayerRow[] {
  const words = view.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = layers
    .map((layer, position) => ({ id: layer.id, position, layer }))
    .filter(({ layer }) => view.label === 'all' || layer.label === view.label)
    .filter(({ layer }) => {
      const text = searchText(layer);
      return words.every((word) => text.includes(word));
    });
  const { sort } = view;
  const key = columnKeys.find((candidate) => candidate === sort?.column);
  if (key === undefined || sort === null) return rows;
  return rows.toSorted(comparator(key, sort.isDescending ? -1 : 1));
}

/** The larger of both maximal errors; null where neither was measured. */
export function worstError({ isolated, accumulated }: DriftLayerReport): number | null {
  const errors = [isolated, accumulated].flatMap((metrics) =>
    metrics === null ? [] : [metrics.maxAbs === 'not finite' ? Infinity : metrics.maxAbs],
  );
  return errors.length === 0 ? null : Math.max(...errors);
}

/** Decibels to sort by: identical above all, not finite below all. */
export function sortableDecibels(metrics: MetricsReport | null): number | null {
  if (metrics === null) return null;
  const { sqnrDb } = metrics;
  if (sqnrDb === 'identical') return Infinity;
  return sqnrDb === 'not finite' ? -Infinity : sqnrDb;
}

const severity: Readonly<Record<DriftLabel, number>> = { ok: 0, warn: 1, bad: 2 };

function comparator(key: ColumnKey, direction: number): (a: LayerRow, b: LayerRow) => number {
  return (a, b) => {
    const [one, other] = [sortValue(a, key), sortValue(b, key)];
    if (one === other) return a.position - b.position;
    if (one === null) return 1;
    if (other === null) return -1;
    const isText = typeof one === 'string' && typeof other === 'string';
    const order = isText ? collator.compare(one, other) : one < other ? -1 : 1;
    return direction * order || a.position - b.position;
  };
}

/** `conv10` comes behind `conv9`. */
const collator = new Intl.Collator(undefined, { numeric: true });

function sortValue({ layer, position }: LayerRow, key: ColumnKey): string | number | null {
  switch (key) {
    case 'position':
      return position;
    case 'layer':
      return layer.id;
    case 'label':
      return layer.label === null ? null : severity[layer.label];
    case 'isolated':
    case 'accumulated':
      return sortableDecibels(layer[key]);
    case 'maxError':
      return worstError(layer);
    case 'recipe':
      return layer.explanation?.recipe ?? null;
  }
}

function searchText({ id, candidate, explanation, dtype }: DriftLayerReport): string {
  return [id, candidate ?? '', explanation?.recipe ?? '', dtype].join('\n').toLowerCase();
}
