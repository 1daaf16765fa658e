import type {
  SurroundingConnection,
  SurroundingLayer,
  Surroundings,
} from '../../model/surroundings';

/** A layer whose row follows from its connections. */
export type UnplacedLayer = Omit<SurroundingLayer, 'row'>;

/** Layers with their connections, each layer below all that feed it and as near to its readers as that allows. */
export function withRows(
  layers: readonly UnplacedLayer[],
  connections: readonly SurroundingConnection[],
): Surroundings {
  const rows = rowsOf(layers.length, connections);
  const top = rows.reduce((least, row) => Math.min(least, row), 0);
  return {
    layers: layers.map((layer, idx) => ({ ...layer, row: (rows[idx] ?? 0) - top })),
    connections,
  };
}

function rowsOf(count: number, connections: readonly SurroundingConnection[]): number[] {
  const rows = Array.from({ length: count }, () => 0);
  // The longest way to each layer; the loops of a damaged file end with the rounds.
  for (let round = 0; round < count; round++) {
    for (const { from, to } of connections) {
      rows[to] = Math.max(rows[to] ?? 0, (rows[from] ?? 0) + 1);
    }
  }
  const fed = new Set(connections.map(({ to }) => to));
  return rows.map((row, idx) => {
    const readers = connections.filter(({ from }) => from === idx).map(({ to }) => rows[to] ?? 0);
    return fed.has(idx) || readers.length === 0 ? row : Math.min(...readers) - 1;
  });
}
