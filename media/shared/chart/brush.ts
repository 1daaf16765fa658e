import { panSpan, spanBetween, type Span } from './span';

/** What a drag on the strip below a chart does: it moves the window, one of its edges, or draws a new one. */
export type BrushGrip = 'move' | 'from' | 'to' | 'draw';

/** Pixels beside an edge that still take hold of it. */
const EDGE_REACH = 6;

/** What the pointer takes hold of at `x`, where one item is `step` pixels wide. */
export function gripAt(x: number, span: Span, step: number): BrushGrip {
  if (Math.abs(x - span.from * step) <= EDGE_REACH) return 'from';
  if (Math.abs(x - span.to * step) <= EDGE_REACH) return 'to';
  return x > span.from * step && x < span.to * step ? 'move' : 'draw';
}

/** The span after a drag from item `start` to item `now`; `span` is as it was when the drag began. */
export function draggedSpan(
  grip: BrushGrip,
  span: Span,
  start: number,
  now: number,
  count: number,
): Span {
  switch (grip) {
    case 'move':
      return panSpan(span, now - start, count);
    case 'from':
      return spanBetween(now, span.to, count);
    case 'to':
      return spanBetween(span.from, now, count);
    case 'draw':
      return spanBetween(start, now, count);
  }
}
