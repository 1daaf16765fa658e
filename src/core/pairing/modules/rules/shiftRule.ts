import { isConvNormUnit, tailConv, type ModuleNode } from '../moduleNode';
import type { ModuleTree } from '../moduleTree';
import type { Link } from './link';

/**
 * In a pre-activation block (`norm1, conv1, norm2, conv2`) the convolution of one unit feeds the norm of the next.
 * `own` links the norm with the convolution behind it; the result links it with that of the unit numbered one less.
 */
export function shiftRule(own: Link, tree: ModuleTree): Link | null {
  const { norm, conv, scope } = own;
  const unit = isConvNormUnit(scope) ? scope : scope.childToward(conv);
  const around = unit?.parent ?? null;
  if (unit === null || around === null) return null;
  if (isLongChain(unit, around)) return null;
  const before = neighbours(unit, around, -1);
  const [previous] = before;
  if (previous === undefined || before.length > 1) return null;
  const feeding = lastConv(previous);
  if (feeding === null || hasSomethingBetween(feeding, norm, around, tree)) return null;
  return { norm, conv: feeding, rule: 'shift', scope: around };
}

/**
 * Norms in units of their own behind a pre-activation unit, whose convolutions stand elsewhere: DPN's `c1x1_c.bn`
 * behind `c3x3_b`. `own` is the link of the unit in front.
 */
export function loneNormsBehind({ conv, scope: unit }: Link): Link[] {
  const around = unit.parent;
  if (around === null || !isConvNormUnit(unit)) return [];
  return neighbours(unit, around, 1).flatMap((next) => {
    const { norms, convs, linears, others, first } = next.content;
    const isLone = norms === 1 && convs + linears + others === 0 && first?.kind === 'norm';
    return isLone ? [{ norm: first, conv, rule: 'shift' as const, scope: around }] : [];
  });
}

/** A bottleneck has three units; a block of more adds some of them up on the way. */
const MAX_UNITS = 3;

function isLongChain({ words }: ModuleNode, around: ModuleNode): boolean {
  if (words.numbers.length !== 1) return false;
  return around
    .childrenNumbered([MAX_UNITS + 1])
    .some((other) => other.words.saysConv && sameWords(other, words.words));
}

/** Siblings whose names count on by `step` from a unit's: conv1 and conv2, c1x1_a and c3x3_b. */
function neighbours(unit: ModuleNode, around: ModuleNode, step: 1 | -1): readonly ModuleNode[] {
  const { words, numbers, saysConv } = unit.words;
  // Blocks that are merely numbered may add their inputs to their outputs.
  if (!saysConv) return [];
  const [number] = numbers;
  if (numbers.length === 1 && number !== undefined) {
    return around
      .childrenNumbered([number + step])
      .filter((other) => other.words.saysConv && sameWords(other, words));
  }
  const [letter = ''] = words;
  if (numbers.length > 0 || words.length !== 1 || letter.length !== 1) return [];
  const wanted = String.fromCharCode(letter.charCodeAt(0) + step);
  return around
    .childrenNumbered([])
    .filter((other) => other.words.saysConv && sameWords(other, [wanted]));
}

function sameWords({ words }: ModuleNode, wanted: readonly string[]): boolean {
  return words.words.join() === wanted.join();
}

/** The convolution that ends a unit: itself, or the one behind its norm. */
function lastConv(unit: ModuleNode): ModuleNode | null {
  const tail = tailConv(unit);
  if (tail !== null || !isConvNormUnit(unit)) return tail;
  return unit.children.find(({ kind }) => kind === 'conv') ?? null;
}

/** Siblings that run beside a pre-activation unit, not between two. */
const isBeside = /down|short|skip|ident|resid/;

/** Whether a gate or the like (`se`) is registered between the two, or may be where no order is kept. */
function hasSomethingBetween(
  conv: ModuleNode,
  norm: ModuleNode,
  around: ModuleNode,
  { isOrdered, layers }: ModuleTree,
): boolean {
  if (!isOrdered) {
    return around.children.some(
      ({ words, name }) => !words.saysConv && !words.saysNorm && !isBeside.test(name),
    );
  }
  for (let at = conv.order + 1; at < norm.order; at++) {
    if (layers[at]?.kind !== 'passive') return true;
  }
  return false;
}
