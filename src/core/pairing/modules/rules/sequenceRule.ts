import { tailConv, type ModuleNode } from '../moduleNode';
import type { ModuleTree } from '../moduleTree';
import type { RuleFinding } from './link';
import { normUnit } from './normUnit';

/**
 * In a Sequential, numbers are the order of execution: the convolution stands at the place before the norm.
 * A number that is missing belongs to a module without tensors, which may well be an activation.
 */
export function sequenceRule(norm: ModuleNode, tree: ModuleTree): RuleFinding | null {
  const unit = normUnit(norm, tree);
  const scope = unit.parent;
  if (scope === null || unit.number === null) return null;
  for (let place = unit.number - 1; place >= 0; place--) {
    const before = scope.childAt(place);
    switch (before?.kind) {
      case undefined:
        return gap(scope, place);
      case 'passive':
        continue;
      case 'activation':
      case 'operator': {
        const what = before.className ?? before.path;
        const obstacle = { kind: before.kind, what };
        return { kind: 'obstacle', conv: tailBefore(scope, place), obstacle };
      }
      case 'conv':
      case 'linear':
        return { kind: 'link', link: { norm, conv: before, rule: 'sequence', scope } };
      case 'container':
        return behindBlock(norm, scope, before);
      case 'norm':
      case 'parameters':
        return null;
    }
  }
  return null;
}

/** Behind a block of convolutions, the last of them feeds the norm if nothing can stand behind it unseen. */
function behindBlock(norm: ModuleNode, scope: ModuleNode, block: ModuleNode): RuleFinding | null {
  const conv = tailConv(block) ?? endOfSequence(block);
  if (conv === null) return null;
  if (endsWith(block, conv)) return { kind: 'link', link: { norm, conv, rule: 'sequence', scope } };
  const why = `${block.path} may end with something else than ${conv.path}`;
  return { kind: 'obstacle', conv, obstacle: { kind: 'unproved', why } };
}

/** The last convolution of a Sequential whose other convolutions have their norms: conv, norm, conv. */
function endOfSequence(block: ModuleNode): ModuleNode | null {
  const [last, before] = block.children.toSorted((a, b) => (b.number ?? 0) - (a.number ?? 0));
  const isSequence = block.children.every(({ number }) => number !== null);
  const isPattern = before?.kind === 'norm' || before?.kind === 'activation';
  return isSequence && last?.kind === 'conv' && isPattern ? last : null;
}

function endsWith(block: ModuleNode, conv: ModuleNode): boolean {
  // Classes show activations too, so the last child is the last.
  if (block.className !== null) return lastLeaf(block) === conv;
  if (endOfSequence(block) === conv) return true;
  const [first, second] = block.children;
  const depthwise = first?.module?.tensors.get('weight')?.shape ?? [];
  const pointwise = conv.module?.tensors.get('weight')?.shape ?? [];
  const isPointwise = pointwise.length >= 3 && pointwise.slice(2).every((extent) => extent === 1);
  return block.children.length === 2 && second === conv && depthwise[1] === 1 && isPointwise;
}

function lastLeaf(block: ModuleNode): ModuleNode {
  let node = block;
  for (let last = node.children.at(-1); last !== undefined; last = node.children.at(-1)) {
    if (node.kind === 'conv') break;
    node = last;
  }
  return node;
}

function gap(scope: ModuleNode, place: number): RuleFinding | null {
  const conv = tailBefore(scope, place);
  if (conv === null) return null;
  const why = `a module without tensors stands at ${scope.path}.${place} between ${conv.path} and it`;
  return { kind: 'obstacle', conv, obstacle: { kind: 'unproved', why } };
}

/** How many modules without tensors may stand between a convolution and a norm that is still told about it. */
const MAX_GAP = 8;

/** The convolution that ends the nearest module before a place; null when that is no convolution. */
function tailBefore(scope: ModuleNode, place: number): ModuleNode | null {
  for (let at = place - 1; at >= Math.max(0, place - MAX_GAP); at--) {
    const child = scope.childAt(at);
    if (child === null || child.kind === 'activation' || child.kind === 'passive') continue;
    return tailConv(child);
  }
  return null;
}
