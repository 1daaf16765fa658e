import type { OverviewPair, OverviewReport, RowKind } from '../../src/protocol/overviewView';
import { rowKinds, type ViewState } from './viewState';

/** A line of the table: a pair, or a BatchNorm without one. */
export interface OverviewRow {
  readonly id: string;
  readonly kind: RowKind;
  /** Place in the file, counted from 0; BatchNorms without a pair come last. */
  readonly position: number;
  /** Null for a BatchNorm that no convolution feeds. */
  readonly pair: OverviewPair | null;
  readonly bn: string;
  readonly reasons: readonly string[];
}

export const columnKeys = [
  'verdict',
  'conv',
  'shape',
  'bn',
  'eps',
  'evidence',
  'statistics',
  'reason',
] as const;
export type ColumnKey = (typeof columnKeys)[number];

/** All rows of a report, in the file's order. */
export function overviewRows({ pairs, unpaired }: OverviewReport): readonly OverviewRow[] {
  return [
    ...pairs.map((pair, position): OverviewRow => {
      const { id, verdict, bnLabel, reasons } = pair;
      return { id, kind: verdict, position, pair, bn: bnLabel, reasons };
    }),
    ...unpaired.map(({ bn, reasons }, idx): OverviewRow => {
      const position = pairs.length + idx;
      return { id: `unpaired ${idx} ${bn}`, kind: 'unpaired', position, pair: null, bn, reasons };
    }),
  ];
}

/** The columns that tell rows apart: what is the same for every pair stands once above the table. */
export function tellingColumns({ pairs, unpaired }: OverviewReport): readonly ColumnKey[] {
  const evidence = new Set(pairs.map((pair) => pair.evidence));
  return columnKeys.filter((key) => {
    switch (key) {
      case 'evidence':
        return evidence.size > 1;
      case 'statistics':
        return pairs.some(({ finding }) => finding !== null);
      case 'reason':
        return unpaired.length > 0 || pairs.some(({ reasons }) => reasons.length > 0);
      default:
        return true;
    }
  });
}

/** The rows that pass the filter, in the order asked for; rows without a value stay last either way. */
export function shownRows(
  rows: readonly OverviewRow[],
  { filter, kind, sort }: Pick<ViewState, 'filter' | 'kind' | 'sort'>,
): readonly OverviewRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows
    .filter((row) => kind === 'all' || row.kind === kind)
    .filter((row) => {
      const text = words.length === 0 ? '' : searchText(row);
      return words.every((word) => text.includes(word));
    });
  const key = columnKeys.find((candidate) => candidate === sort?.column);
  if (key === undefined || sort === null) return found;
  return found.toSorted(comparator(key, sort.isDescending ? -1 : 1));
}

function comparator(key: ColumnKey, direction: number): (a: OverviewRow, b: OverviewRow) => number {
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

const sureness = { confirms: 0, silent: 1, contradicts: 2 } as const;

function sortValue(
  { kind, pair, bn, reasons }: OverviewRow,
  key: ColumnKey,
): string | number | null {
  switch (key) {
    case 'verdict':
      return rowKinds.indexOf(kind);
    case 'conv':
      return pair?.conv ?? null;
    case 'shape':
      return pair?.summary ?? null;
    case 'bn':
      return bn;
    case 'eps':
      return pair?.eps ?? null;
    case 'evidence':
      return pair?.evidence ?? null;
    case 'statistics': {
      const finding = pair?.finding ?? null;
      // Of findings alike the better fit comes first.
      return finding === null ? null : sureness[finding.says] - Math.min(finding.fit ?? 0, 1) / 2;
    }
    case 'reason':
      return reasons[0] ?? null;
  }
}

function searchText({ kind, pair, bn, reasons }: OverviewRow): string {
  const own =
    pair === null
      ? []
      : [pair.conv, pair.summary, pair.bn, pair.weight, pair.evidence, pair.finding?.fedBy ?? ''];
  return [kind, bn, ...own, ...reasons].join('\n').toLowerCase();
}
