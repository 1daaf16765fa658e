import { isObjectOf, isText, type Guard } from '../../../src/protocol/guards';

/** By which column rows are sorted, and which way. */
export interface SortOrder {
  readonly column: string;
  readonly isDescending: boolean;
}

/** The order after a click on a column's title: ascending, then descending, then the rows' own order again. */
export function orderAfterClick(order: SortOrder | null, column: string): SortOrder | null {
  if (order?.column !== column) return { column, isDescending: false };
  return order.isDescending ? null : { column, isDescending: true };
}

/** An order from storage. */
export const isSortOrder: Guard<SortOrder> = isObjectOf<SortOrder>({
  column: isText,
  isDescending: (value): value is boolean => typeof value === 'boolean',
});
