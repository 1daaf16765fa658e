import {
  classOf,
  childToward,
  layersUnder,
  tailConv,
  type ModuleNode,
  type ModuleTree,
} from '../moduleTree';
import { haveLikeTag, haveSameTag } from '../nameWords';
import { knownIntruder, knownTrap } from './knownTraps';
import type { RuleFinding } from './link';
import { normUnit } from './normUnit';

/**
 * In one block, names that say the same belong together: `conv1` and `bn1`, `conv_dw` and `bn_dw`. Where the file
 * has an order, nothing that is not spoken for itself may stand between them.
 */
export function tagRule(norm: ModuleNode, tree: ModuleTree): RuleFinding | null {
  const unit = normUnit(norm);
  const scope = unit.parent;
  if (scope === null || unit.number !== null) return null;
  const partner = partnerOf(unit, scope);
  const conv = partner === null ? null : convOf(partner);
  if (conv === null) return null;
  const trap = knownTrap(norm.path);
  if (trap !== null) return { kind: 'obstacle', conv, obstacle: { kind: 'unproved', why: trap } };
  const intruder = tree.isOrdered ? null : knownIntruder(scope);
  if (intruder !== null) {
    const why = `${intruder.path} runs in front of one of this block’s BatchNorms, and no order tells of which`;
    return { kind: 'obstacle', conv, obstacle: { kind: 'unproved', why } };
  }
  const between = tree.isOrdered ? strangersBetween(conv, norm, scope, tree) : [];
  const activation = between.find(({ kind }) => kind === 'activation');
  if (activation !== undefined) {
    const what = classOf(activation) ?? activation.path;
    return { kind: 'obstacle', conv, obstacle: { kind: 'activation', what } };
  }
  const [stranger] = between;
  if (stranger !== undefined) {
    const why = `its name points at ${conv.path}, but ${stranger.path} is registered between them`;
    return { kind: 'obstacle', conv, obstacle: { kind: 'unproved', why } };
  }
  return { kind: 'link', link: { norm, conv, rule: 'tag', scope } };
}

/** The sibling that holds convolutions only and whose name says the same as the norm's. */
export function partnerOf(unit: ModuleNode, scope: ModuleNode): ModuleNode | null {
  const convs = scope.children.filter((child) => child !== unit && convOf(child) !== null);
  const same = convs.filter((child) => haveSameTag(child.words, unit.words));
  const like = convs.filter((child) => haveLikeTag(child.words, unit.words));
  const found = same.length > 0 ? same : like;
  if (found.length <= 1) return found[0] ?? null;
  // `conv`, `bn`, `fc`: a convolution is nearer to a BatchNorm than a linear layer.
  const named = found.filter((child) => /conv|^cv?\d*$/i.test(child.name));
  return named.length === 1 ? (named[0] ?? null) : null;
}

/** The convolution whose output leaves a unit: it, or the last layer of a block (a stem `conv1` of three). */
function convOf(unit: ModuleNode): ModuleNode | null {
  if (unit.kind === 'linear') return unit;
  const tail = tailConv(unit);
  if (tail !== null || !unit.words.saysConv) return tail;
  const last = layersUnder(unit).at(-1);
  return last?.kind === 'conv' && last.number !== null && last.parent === unit ? last : null;
}

/** Layers registered between the two that neither belong to another pair of the block nor to a block of their own. */
function strangersBetween(
  conv: ModuleNode,
  norm: ModuleNode,
  scope: ModuleNode,
  tree: ModuleTree,
): ModuleNode[] {
  const [from, to] = conv.order < norm.order ? [conv.order, norm.order] : [norm.order, conv.order];
  return tree.layers.slice(from + 1, to).filter((layer) => {
    if (layer.kind === 'passive') return false;
    const unit = childToward(scope, layer);
    return unit === null || !isSpokenFor(unit, scope);
  });
}

/** Whether a child of the block has its own partner there, or brings its own norm (`conv2.bn`). */
function isSpokenFor(unit: ModuleNode, scope: ModuleNode): boolean {
  const own = layersUnder(unit);
  if (own.some(({ kind }) => kind === 'norm') && own.some(({ kind }) => kind === 'conv')) {
    return unit.words.saysConv;
  }
  if (convOf(unit) !== null) {
    return scope.children.some(
      (other) =>
        other !== unit &&
        other.kind === 'norm' &&
        (haveSameTag(other.words, unit.words) || haveLikeTag(other.words, unit.words)),
    );
  }
  return own.some(({ kind }) => kind === 'norm') && partnerOf(unit, scope) !== null;
}
