import {
  childToward,
  layersUnder,
  tailConv,
  type ModuleNode,
  type ModuleTree,
} from '../moduleTree';
import type { Link } from './link';

/**
 * In a pre-activation block (`norm1, conv1, norm2, conv2`) the convolution of one unit feeds the norm of the next.
 * `own` links the norm with the convolution behind it; the result links it with that of the unit numbered one less.
 */
export function shiftRule(own: Link, tree: ModuleTree): Link | null {
  const { norm, conv, scope } = own;
  const isUnit = layersUnder(scope).every((layer) => layer === norm || layer === conv);
  const unit = isUnit ? scope : childToward(scope, conv);
  const around = unit?.parent ?? null;
  if (unit === null || around === null) return null;
  const before = around.children.filter((child) => isNext(child, unit));
  const [previous] = before;
  if (previous === undefined || before.length > 1) return null;
  const feeding = lastConv(previous);
  if (feeding === null || hasSomethingBetween(feeding, norm, around, tree)) return null;
  return { norm, conv: feeding, rule: 'shift', scope: around };
}

/** Whether a gate or the like (`se`) is registered between the two, or may be where no order is kept. */
function hasSomethingBetween(
  conv: ModuleNode,
  norm: ModuleNode,
  around: ModuleNode,
  tree: ModuleTree,
): boolean {
  if (tree.isOrdered) {
    return tree.layers.slice(conv.order + 1, norm.order).some(({ kind }) => kind !== 'passive');
  }
  return around.children.some(
    (child) =>
      !child.words.saysConv &&
      !child.words.saysNorm &&
      !/down|short|skip|ident|resid/.test(child.name),
  );
}

/**
 * Norms in units of their own behind a pre-activation unit, whose convolutions stand elsewhere: DPN's `c1x1_c.bn`
 * behind `c3x3_b`. `own` is the link of the unit in front.
 */
export function loneNormsBehind({ norm, conv, scope: unit }: Link): Link[] {
  const around = unit.parent;
  const isUnit = layersUnder(unit).every((layer) => layer === norm || layer === conv);
  if (around === null || !isUnit) return [];
  return around.children
    .filter((child) => isNext(unit, child))
    .map((child) => layersUnder(child))
    .filter((layers) => layers.length === 1)
    .flatMap((layers) => layers.filter(({ kind }) => kind === 'norm'))
    .map((lone) => ({ norm: lone, conv, rule: 'shift', scope: around }));
}

/** Whether the names count on by one: conv1 and conv2, c1x1_a and c3x3_b. */
function isNext(first: ModuleNode, second: ModuleNode): boolean {
  const a = first.words;
  const b = second.words;
  if (first === second || a.saysConv !== b.saysConv) return false;
  const sameWords = a.words.join() === b.words.join();
  if (sameWords && a.numbers.length === 1 && b.numbers.length === 1) {
    return (a.numbers[0] ?? 0) + 1 === b.numbers[0];
  }
  const [letter = ''] = a.words;
  const [next = ''] = b.words;
  return (
    a.words.length === 1 &&
    b.words.length === 1 &&
    a.numbers.length === 0 &&
    b.numbers.length === 0 &&
    letter.length === 1 &&
    next.length === 1 &&
    letter.charCodeAt(0) + 1 === next.charCodeAt(0)
  );
}

/** The convolution that ends a unit: itself, or the one behind its norm. */
function lastConv(unit: ModuleNode): ModuleNode | null {
  const tail = tailConv(unit);
  if (tail !== null) return tail;
  const layers = layersUnder(unit);
  const convs = layers.filter(({ kind }) => kind === 'conv');
  const isPair =
    layers.length === 2 && convs.length === 1 && layers.some(({ kind }) => kind === 'norm');
  return isPair ? (convs[0] ?? null) : null;
}
