import type { GraphNode } from '../../model/network';

/** A node's own name; null where the model calls it by an output because it has none. */
export function ownName({ name, outputs }: GraphNode): string | null {
  const output = outputs.find((candidate) => candidate !== '') ?? '';
  const isOutput = name === output || name.endsWith(`/${output}`) || name.startsWith(`${output}#`);
  return isOutput ? null : name;
}
