import { classOf, tailConv, type ModuleNode } from '../moduleTree';
import type { RuleFinding } from './link';
import { normUnit } from './normUnit';

/**
 * In a Sequential, numbers are the order of execution: the convolution stands at the place before the norm.
 * A number that is missing belongs to a module without tensors, which may well be an activation.
 */
export function sequenceRule(norm: ModuleNode): RuleFinding | null {
  const unit = normUnit(norm);
  const scope = unit.parent;
  if (scope === null || unit.number === null) return null;
  for (let place = unit.number - 1; place >= 0; place--) {
    const before = childAt(scope, place);
    switch (before?.kind) {
      case undefined:
        return gap(scope, place);
      case 'passive':
        continue;
      case 'activation':
        return {
          kind: 'obstacle',
          conv: tailBefore(scope, place),
          obstacle: { kind: 'activation', what: classOf(before) ?? before.path },
        };
      case 'operator':
        return {
          kind: 'obstacle',
          conv: tailBefore(scope, place),
          obstacle: { kind: 'operator', what: classOf(before) ?? before.path },
        };
      case 'conv':
      case 'linear':
        return { kind: 'link', link: { norm, conv: before, rule: 'sequence', scope } };
      case 'container':
        return behindBlock(norm, scope, before);
      default:
        return null;
    }
  }
  return null;
}

/** Behind a block of convolutions only, the last of them feeds the norm if nothing can stand behind it unseen. */
function behindBlock(norm: ModuleNode, scope: ModuleNode, block: ModuleNode): RuleFinding | null {
  const conv = tailConv(block) ?? endOfSequence(block);
  if (conv === null) return null;
  if (endsWith(block, conv)) return { kind: 'link', link: { norm, conv, rule: 'sequence', scope } };
  const why = `${block.path} may end with something else than ${conv.path}`;
  return { kind: 'obstacle', conv, obstacle: { kind: 'unproved', why } };
}

/** The convolution at the highest place of a Sequential whose other convolutions have their norms: conv, norm, conv. */
function endOfSequence(block: ModuleNode): ModuleNode | null {
  const [last, before] = block.children.toSorted((a, b) => (b.number ?? 0) - (a.number ?? 0));
  const isSequence = block.children.every(({ number }) => number !== null);
  return isSequence && last?.kind === 'conv' && before?.kind === 'norm' ? last : null;
}

function endsWith(block: ModuleNode, conv: ModuleNode): boolean {
  // Classes show activations too, so the last child is the last.
  if (classOf(block) !== null) return lastLeaf(block) === conv;
  if (endOfSequence(block) === conv) return true;
  const shape = conv.module?.tensors.get('weight')?.shape ?? [];
  const isPointwise = shape.length >= 3 && shape.slice(2).every((extent) => extent === 1);
  const first = block.children[0]?.module?.tensors.get('weight')?.shape ?? [];
  const isSeparable = block.children.length === 2 && first[1] === 1 && isPointwise;
  return isSeparable && block.children.at(-1) === conv;
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

/** The convolution that ends the nearest module before a place; null when that is no convolution. */
function tailBefore(scope: ModuleNode, place: number): ModuleNode | null {
  let nearest: ModuleNode | null = null;
  for (const child of scope.children) {
    if (child.number === null || child.number >= place || child.order < 0) continue;
    if (child.kind === 'activation' || child.kind === 'passive') continue;
    if (nearest === null || child.number > (nearest.number ?? -1)) nearest = child;
  }
  return nearest === null ? null : tailConv(nearest);
}

function childAt(scope: ModuleNode, place: number): ModuleNode | null {
  return scope.children.find(({ number }) => number === place) ?? null;
}
