/** Rows that must be in the page for a scroll position. */
export interface RowWindow {
  readonly first: number;
  /** One more than the last. */
  readonly end: number;
}

/** Rows beyond the edges that are there already when the user scrolls a little. */
const SPARE_ROWS = 8;

export function rowWindow(
  { scrollTop, height }: { readonly scrollTop: number; readonly height: number },
  rowHeight: number,
  count: number,
): RowWindow {
  const first = Math.floor(scrollTop / rowHeight) - SPARE_ROWS;
  const end = Math.ceil((scrollTop + height) / rowHeight) + SPARE_ROWS;
  return { first: Math.min(Math.max(first, 0), count), end: Math.min(Math.max(end, 0), count) };
}

/** Scroll position that shows a row whole, as near to the present one as can be. */
export function scrollToShow(
  row: number,
  { scrollTop, height }: { readonly scrollTop: number; readonly height: number },
  rowHeight: number,
): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - height);
}

/** The row that a key goes to from `current` (−1 for none); null for keys that go nowhere. */
export function rowAfterKey(
  key: string,
  current: number,
  count: number,
  pageRows: number,
): number | null {
  if (count === 0) return null;
  const clamp = (row: number): number => Math.min(Math.max(row, 0), count - 1);
  switch (key) {
    case 'ArrowDown':
      return clamp(current + 1);
    case 'ArrowUp':
      return clamp(current === -1 ? count - 1 : current - 1);
    case 'PageDown':
      return clamp(current + pageRows);
    case 'PageUp':
      return clamp(current - pageRows);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
