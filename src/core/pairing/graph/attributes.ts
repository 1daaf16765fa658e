import type { GraphNode } from '../../model/network';

/**
 * An attribute's number, `absent` when the node does not have it, or null when it is of another kind: a function
 * body may take it from the call, and then nobody knows it here.
 */
export function numberAttribute(node: GraphNode, name: string, absent: number): number | null {
  const attribute = node.attributes.get(name);
  if (attribute === undefined) return absent;
  return attribute.kind === 'int' || attribute.kind === 'float' ? attribute.value : null;
}

/** An attribute's text, or null when it is absent or of another kind. */
export function stringAttribute(node: GraphNode, name: string): string | null {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'string' ? attribute.value : null;
}
