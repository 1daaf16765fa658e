import { convWeight } from '../convReading';
import type { ModuleNode } from '../moduleNode';
import type { ModuleTree } from '../moduleTree';
import { channelsOf } from '../weightFamilies';
import type { RuleFinding } from './link';
import { isAddedBack } from './orderRule';

/**
 * A block that numbers its norms by their places rather than by their convolutions: `fc1, norm1, dw3x3, norm2, fc2,
 * norm3`. Where convolutions and norms are registered in turns, a convolution first, and the channels of each fit,
 * a norm runs behind the convolution registered right before it, whatever another one is called. Several convolutions
 * may take one turn (EEGNet's `depthwise_conv, bn2, separable_conv1, separable_conv2, bn3`): of their norm this rule
 * says nothing.
 */
export function placeRule(norm: ModuleNode, tree: ModuleTree): RuleFinding | null {
  const scope = norm.parent;
  if (!tree.isOrdered || scope === null || norm.number !== null) return null;
  const turns = turnsOf(scope, tree) ?? [];
  const turn = turns.find((each) => each.norm === norm);
  // Names that agree with the order need no help.
  if (turn === undefined || !turns.some((each) => isMisnamed(each.norm, scope))) return null;
  // Where every norm has a convolution of its number, names and order tell two stories.
  if (turns.every((each) => namesakes(each.norm, scope).length > 0)) return null;
  const [conv, ...others] = turn.convs;
  if (conv === undefined || others.length > 0 || isAddedBack(conv)) return null;
  return { kind: 'link', link: { norm, conv, rule: 'order', scope } };
}

/** Whether a convolution of the norm's number is registered behind the norm. */
function isMisnamed(norm: ModuleNode, scope: ModuleNode): boolean {
  return namesakes(norm, scope).some(({ order }) => order > norm.order);
}

/** The convolutions of a block that have a norm's number. */
function namesakes({ words }: ModuleNode, scope: ModuleNode): readonly ModuleNode[] {
  return scope.childrenNumbered(words.numbers).filter(({ kind }) => kind === 'conv');
}

interface Turn {
  readonly convs: readonly ModuleNode[];
  readonly norm: ModuleNode;
}

/** The convolutions and norms of a block, turn by turn, if they take turns and norms number their places; else null. */
function turnsOf(scope: ModuleNode, { layers }: ModuleTree): readonly Turn[] | null {
  const { first, last } = scope.content;
  if (first === null || last === null || last.order - first.order >= 2 * MAX_TURNS) return null;
  const turns: Turn[] = [];
  let convs: ModuleNode[] = [];
  for (const layer of layers.slice(first.order, last.order + 1)) {
    if (layer.parent !== scope) return null;
    if (layer.kind === 'conv') {
      convs.push(layer);
      continue;
    }
    // A classifier at the end is no turn.
    if (layer.kind === 'linear' && convs.length === 0) return isEnd(layer, last) ? turns : null;
    const turn = { convs, norm: layer };
    if (layer.kind !== 'norm' || !isTurn(turn, turns.length + 1)) return null;
    turns.push(turn);
    convs = [];
  }
  return convs.length === 0 ? turns : null;
}

function isTurn({ convs, norm }: Turn, place: number): boolean {
  const [number, ...rest] = norm.words.numbers;
  const feeding = convs.at(-1);
  if (feeding === undefined || number !== place || rest.length > 0) return false;
  return convWeight(feeding)?.shape[0] === channelsOf(norm);
}

function isEnd(layer: ModuleNode, last: ModuleNode): boolean {
  return layer.order === last.order;
}

/** A block takes a few turns; what takes more is not looked through for every norm in it. */
const MAX_TURNS = 8;
