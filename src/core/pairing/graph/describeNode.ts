import type { GraphNode } from '../../model/network';
import type { Use, Value } from './graphIndex';

/** A node as reasons name it: `Relu_5`, or `Relu act1` where the name does not say what it is. */
export function describeNode(node: GraphNode): string {
  const isTelling = node.name.toLowerCase().includes(node.opType.toLowerCase());
  return isTelling ? node.name : `${node.opType} ${node.name}`;
}

/** Where a value comes from, in words. */
export function describeOrigin(value: Value | null, name: string): string {
  if (value?.producer) return describeNode(value.producer);
  if (value?.initializer) return `the constant ${name}`;
  return value?.isGraphInput === true ? `the graph input ${name}` : `the undefined value ${name}`;
}

const MAX_NAMES = 3;

/** Some readers of a value, in words, each once. */
export function describeUses(uses: readonly Use[]): string {
  const names = new Set(
    uses.map((use) => (use.kind === 'node' ? describeNode(use.node) : 'the graph’s outputs')),
  );
  const shown = [...names].slice(0, MAX_NAMES).join(', ');
  return names.size > MAX_NAMES ? `${shown} and others` : shown;
}
