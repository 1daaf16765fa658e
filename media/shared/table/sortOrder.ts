/** By which column rows are sorted, and which way. */
export interface SortOrder {
  readonly column: string;
  readonly isDescending: boolean;
}
