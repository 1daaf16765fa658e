/** The part of a row of `count` items that a chart shows: from item `from` up to, not including, `to`. Fractions count. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Fewer items than this are not worth a closer look. */
const LEAST_WIDTH = 4;

export function wholeSpan(count: number): Span {
  return { from: 0, to: Math.max(count, 1) };
}

export function isWhole({ from, to }: Span, count: number): boolean {
  return from <= 0 && to >= count;
}

/** Makes the span `factor` times as wide around `anchor`, which stays where it is on the screen. */
export function zoomSpan(span: Span, factor: number, anchor: number, count: number): Span {
  const width = span.to - span.from;
  const wanted = Math.max(width * factor, Math.min(LEAST_WIDTH, count));
  const share = (anchor - span.from) / width;
  return clampSpan({ from: anchor - share * wanted, to: anchor + (1 - share) * wanted }, count);
}

export function panSpan(span: Span, items: number, count: number): Span {
  return clampSpan({ from: span.from + items, to: span.to + items }, count);
}

/** Moves the span, no wider than before, so that an item is well inside. */
export function bringInto(span: Span, item: number, count: number): Span {
  if (item >= span.from && item + 1 <= span.to) return span;
  return panSpan(span, item + 0.5 - (span.from + span.to) / 2, count);
}

/** The span between two places, in either order, neither too narrow nor beyond the ends. */
export function spanBetween(one: number, other: number, count: number): Span {
  const [from, to] = [Math.min(one, other), Math.max(one, other)];
  const missing = Math.max(Math.min(LEAST_WIDTH, count) - (to - from), 0);
  return clampSpan({ from: from - missing / 2, to: to + missing / 2 }, count);
}

/** Keeps the width as far as there is room, and the span within the row. */
export function clampSpan({ from, to }: Span, count: number): Span {
  const width = Math.min(to - from, Math.max(count, 1));
  const start = Math.min(Math.max(from, 0), Math.max(count, 1) - width);
  return { from: start, to: start + width };
}
