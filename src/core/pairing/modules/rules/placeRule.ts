import { convWeight } from '../convReading';
import type { ModuleNode } from '../moduleNode';
import type { ModuleTree } from '../moduleTree';
import { channelsOf } from '../weightFamilies';
import type { RuleFinding } from './link';

/**
 * A block that numbers its norms by their places rather than by their convolutions: `fc1, norm1, dw3x3, norm2, fc2,
 * norm3`. Where convolutions and norms are registered in turns, a convolution first, and the channels of each fit,
 * a norm runs behind the convolution registered right before it, whatever another one is called.
 */
export function placeRule(norm: ModuleNode, tree: ModuleTree): RuleFinding | null {
  const scope = norm.parent;
  if (!tree.isOrdered || scope === null || norm.number !== null) return null;
  const turns = turnsOf(scope, tree) ?? [];
  const turn = turns.find((each) => each.norm === norm);
  // Names that agree with the order need no help.
  if (turn === undefined || !turns.some((each) => isMisnamed(each.norm, scope))) return null;
  return { kind: 'link', link: { norm, conv: turn.conv, rule: 'order', scope } };
}

/** Whether a convolution of the norm's number is registered behind the norm. */
function isMisnamed({ words, order }: ModuleNode, scope: ModuleNode): boolean {
  return scope
    .childrenNumbered(words.numbers)
    .some((child) => child.kind === 'conv' && child.order > order);
}

interface Turn {
  readonly conv: ModuleNode;
  readonly norm: ModuleNode;
}

/** The convolutions and norms of a block, pair by pair, if they take turns and number their places; else null. */
function turnsOf(scope: ModuleNode, { layers }: ModuleTree): readonly Turn[] | null {
  const { first, last } = scope.content;
  if (first === null || last === null || last.order - first.order >= 2 * MAX_TURNS) return null;
  const turns: Turn[] = [];
  for (let at = first.order; at <= last.order; at += 2) {
    const conv = layers[at];
    const norm = layers[at + 1];
    if (conv?.kind !== 'conv' || norm?.kind !== 'norm') return null;
    if (conv.parent !== scope || norm.parent !== scope) return null;
    const [place, ...rest] = norm.words.numbers;
    if (place !== turns.length + 1 || rest.length > 0) return null;
    if (convWeight(conv)?.shape[0] !== channelsOf(norm)) return null;
    turns.push({ conv, norm });
  }
  return turns;
}

/** A block takes a few turns; what takes more is not looked through for every norm in it. */
const MAX_TURNS = 8;
