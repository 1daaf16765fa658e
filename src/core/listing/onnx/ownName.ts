import type { GraphNode } from '../../model/network';

/** A node's own name; null for a node without one, which the model calls by an output. */
export function ownName({ name, ownName: known, outputs }: GraphNode): string | null {
  if (known !== undefined) return known === '' ? null : known;
  const output = outputs.find((candidate) => candidate !== '') ?? '';
  const isOutput = name === output || name.endsWith(`/${output}`) || name.startsWith(`${output}#`);
  return isOutput ? null : name;
}
