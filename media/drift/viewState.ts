import type { DriftLabel } from '../../src/core/drift/label';
import type { Span } from '../shared/chart/span';
import { isSortOrder, type SortOrder } from '../shared/table/sortOrder';

/** What the chart's value axis shows. */
export type ChartMetric = 'sqnrDb' | 'maxAbs';
export const chartMetrics: readonly ChartMetric[] = ['sqnrDb', 'maxAbs'];

/** The two ways a layer is measured. */
export type Series = 'isolated' | 'accumulated';
export const allSeries: readonly Series[] = ['isolated', 'accumulated'];

export type LabelFilter = DriftLabel | 'all';
export const labelFilters: readonly LabelFilter[] = ['all', 'bad', 'warn', 'ok'];

/** How the user looks at the results. It is kept with them over a reload. */
export interface ViewState {
  readonly metric: ChartMetric;
  readonly hiddenSeries: Series | null;
  readonly filter: string;
  readonly label: LabelFilter;
  /** Null for the model's own order. */
  readonly sort: SortOrder | null;
  /** The layers the chart shows, by position; null for all. */
  readonly span: Span | null;
  /** Id of the layer whose detail is shown. */
  readonly selected: string | null;
}

export const initialView: ViewState = {
  metric: 'sqnrDb',
  hiddenSeries: null,
  filter: '',
  label: 'all',
  sort: null,
  span: null,
  selected: null,
};

/** A view state from storage. What another version of the page wrote differently starts anew. */
export function decodeViewState(value: unknown): ViewState {
  const kept = isRecord(value) ? value : {};
  const { filter, selected, sort, span } = kept;
  return {
    metric: oneOf(kept['metric'], chartMetrics, initialView.metric),
    hiddenSeries: oneOf(kept['hiddenSeries'], allSeries, null),
    filter: typeof filter === 'string' ? filter : '',
    label: oneOf(kept['label'], labelFilters, 'all'),
    sort: isSortOrder(sort) ? sort : null,
    span:
      isRecord(span) && typeof span['from'] === 'number' && typeof span['to'] === 'number'
        ? { from: span['from'], to: span['to'] }
        : null,
    selected: typeof selected === 'string' ? selected : null,
  };
}

function oneOf<T, F>(value: unknown, allowed: readonly T[], fallback: F): T | F {
  return allowed.find((candidate) => candidate === value) ?? fallback;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
