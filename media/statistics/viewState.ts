import { isNullOr, isNumber, isObjectOf, isOneOf, isText } from '../../src/protocol/guards';
import type { KeptStatistics } from '../../src/protocol/statisticsView';
import { isSortOrder, type SortOrder } from '../shared/table/sortOrder';

/** What both axes measure: standard deviations of the channel, in which the fit counts, or the means as stored. */
export type Unit = 'deviations' | 'means';
export const units: readonly Unit[] = ['deviations', 'means'];

/** How the user looks at a pair's picture. It is kept over a reload. */
export interface ViewState {
  /** Index into the picture's candidates. */
  readonly candidate: number;
  readonly unit: Unit;
  /** Null for the order of the channels. */
  readonly sort: SortOrder | null;
  /** The channel that is stressed. */
  readonly channel: number | null;
}

export const initialView: ViewState = {
  candidate: 0,
  unit: 'deviations',
  sort: null,
  channel: null,
};

/** Another pair is looked at in the same way, from its first candidate on. */
export function viewOfOther(view: ViewState): ViewState {
  return { ...view, candidate: 0, channel: null };
}

/** How the user looked at this pair before; anything else that was kept starts anew. */
export function keptViewOf(state: unknown, { path, id }: KeptStatistics): ViewState {
  return isKept(state) && state.path === path && state.id === id ? state.view : initialView;
}

const isView = isObjectOf<ViewState>({
  candidate: isNumber,
  unit: isOneOf(...units),
  sort: isNullOr(isSortOrder),
  channel: isNullOr(isNumber),
});

const isKept = isObjectOf<KeptStatistics & { readonly view: ViewState }>({
  path: isText,
  id: isText,
  view: isView,
});
