import type { LayerPlace } from './listing';

/**
 * The layers a position belongs to: the innermost place that covers it. Several only where a repeat (`(0-3): 4 x
 * Block(`) stands for several layers. On a line where places nest (`If` and its first branch), the column decides.
 */
export function layersAt(
  places: readonly LayerPlace[],
  line: number,
  column: number,
): readonly LayerPlace[] {
  const covering = places.filter((place) => place.line <= line && line <= place.endLine);
  const innermost = Math.max(...covering.map((place) => place.line));
  const starting = covering.filter((place) => place.line === innermost);
  const columns = starting.map((place) => place.column);
  // Behind the line where a block starts, the block that starts last is the innermost.
  const before = innermost < line ? columns : columns.filter((start) => start <= column);
  const chosen = before.length > 0 ? Math.max(...before) : Math.min(...columns);
  return starting.filter((place) => place.column === chosen);
}
