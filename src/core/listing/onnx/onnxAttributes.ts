import { escapeControls } from '../escapeControls';
import type { AttributeValue, GraphNode } from '../../model/network';
import type { Tensor } from '../../model/tensor';
import { float32, identifier, list, quoted, tensorType } from './onnxLiterals';

/** `kernel_shape: ints = [3, 3]`, attribute by attribute, without the subgraphs. Values of tensors are left out. */
export function printAttributes(node: GraphNode): string[] {
  const bodies = new Set(node.subgraphs.map(({ scope }) => subgraphAttribute(scope).name));
  return [...node.attributes]
    .filter(([name]) => !bodies.has(name))
    .map(([name, value]) => `${identifier(name)}${printValue(value, node.constant)}`);
}

/** Name of the attribute that holds a subgraph, and its place among several (`branches[2]`), from its scope. */
export function subgraphAttribute(scope: string): {
  readonly name: string;
  readonly label: string;
} {
  const label = scope.slice(scope.lastIndexOf('/') + 1);
  return { name: label.replace(/\[\d+\]$/, ''), label };
}

function printValue(attribute: AttributeValue, constant: Tensor | undefined): string {
  switch (attribute.kind) {
    case 'int':
      return `: int = ${attribute.value}`;
    case 'float':
      return `: float = ${float32(attribute.value)}`;
    case 'string':
      return `: string = ${quoted(attribute.value)}`;
    case 'ints':
      return `: ints = ${list(attribute.value, String)}`;
    case 'floats':
      return `: floats = ${list(attribute.value, float32)}`;
    case 'strings':
      return `: strings = ${list(attribute.value, quoted)}`;
    case 'tensor':
      return `: tensor = ${tensorType(attribute.value)} {…}`;
    case 'ref':
      return ` = @${escapeControls(attribute.value)}`;
    case 'other':
      return constant === undefined ? ' = …' : ` = ${tensorType(constant)} {…}`;
  }
}
