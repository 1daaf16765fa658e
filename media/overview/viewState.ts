import { isNullOr, isObjectOf, isOneOf, isText } from '../../src/protocol/guards';
import type { RowKind } from '../../src/protocol/overviewView';
import { isSortOrder, type SortOrder } from '../shared/table/sortOrder';

/** Rows by what they are, in the order of picture and filter. */
export const rowKinds = ['fusable', 'skipped', 'blocked', 'unpaired'] as const satisfies RowKind[];

export type KindFilter = RowKind | 'all';

/** How the user looks at the pairs. It is kept while the page is hidden, and over a reload. */
export interface ViewState {
  readonly filter: string;
  readonly kind: KindFilter;
  /** Null for the file's own order. */
  readonly sort: SortOrder | null;
  /** Id of the row that is shown in full; null for the first. */
  readonly selected: string | null;
}

export const initialView: ViewState = { filter: '', kind: 'all', sort: null, selected: null };

/** A view from storage; what another version of the page wrote differently starts anew. */
export function keptView(state: unknown): ViewState {
  return isView(state) ? state : initialView;
}

const isView = isObjectOf<ViewState>({
  filter: isText,
  kind: isOneOf('all', ...rowKinds),
  sort: isNullOr(isSortOrder),
  selected: isNullOr(isText),
});
