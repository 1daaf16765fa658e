import { convWeight } from '../convReading';
import type { ModuleKind } from '../moduleKind';
import { tailConv, type ModuleNode } from '../moduleNode';
import type { ModuleTree } from '../moduleTree';
import { haveLikeTag, haveSameTag } from '../nameWords';
import { channelsOf } from '../weightFamilies';
import { ownOrderObstacle } from './blockOrder';
import { knownIntruder, knownTrap } from './knownTraps';
import type { RuleFinding } from './link';
import { mayMean } from './namedKind';
import { normUnit } from './normUnit';

/**
 * In one block, names that say the same belong together: `conv1` and `bn1`, `conv_dw` and `bn_dw`. Where the file
 * has an order, nothing that is not spoken for itself may stand between them.
 */
export function tagRule(norm: ModuleNode, tree: ModuleTree): RuleFinding | null {
  const unit = normUnit(norm, tree);
  const scope = unit.parent;
  if (scope === null || unit.number !== null) return null;
  const partner = partnerOf(unit, scope);
  const conv = partner === null ? null : convOf(partner);
  if (conv === null) return null;
  const obstacle = ownOrderObstacle(scope);
  if (obstacle !== null) return { kind: 'obstacle', conv, obstacle };
  const trap = knownTrap(norm.path) ?? (tree.isOrdered ? null : knownIntruder(scope));
  if (trap !== null) return { kind: 'obstacle', conv, obstacle: { kind: 'unproved', why: trap } };
  const stranger = tree.isOrdered ? strangerBetween(conv, norm, scope, tree) : null;
  if (stranger?.kind === 'activation') {
    const what = stranger.className ?? stranger.path;
    return { kind: 'obstacle', conv, obstacle: { kind: 'activation', what } };
  }
  if (stranger !== null) {
    const why = `its name points at ${conv.path}, but ${stranger.path} is registered between them`;
    return { kind: 'obstacle', conv, obstacle: { kind: 'unproved', why } };
  }
  return { kind: 'link', link: { norm, conv, rule: 'tag', scope } };
}

/** The sibling that ends with a convolution and whose name says the same as the norm's. */
function partnerOf(unit: ModuleNode, scope: ModuleNode): ModuleNode | null {
  const convs = scope
    .childrenNumbered(unit.words.numbers)
    .filter((child) => child !== unit && convOf(child) !== null)
    .filter((child) => mayMean(unit, child));
  const same = convs.filter((child) => haveSameTag(child.words, unit.words));
  const like = convs.filter(
    (child) => haveLikeTag(child.words, unit.words) && haveCommonChannels(convOf(child), unit),
  );
  const found = same.length > 0 ? same : like;
  if (found.length <= 1) return found[0] ?? null;
  // `conv`, `bn`, `fc`: a convolution is nearer to a BatchNorm than a linear layer.
  const named = found.filter((child) => /conv|^cv?\d*$/i.test(child.name));
  return named.length === 1 ? (named[0] ?? null) : null;
}

/** Whether a convolution gives or takes the channels of a unit's norm, as one that belongs to it in any way does. */
function haveCommonChannels(conv: ModuleNode | null, unit: ModuleNode): boolean {
  const shape = (conv === null ? null : convWeight(conv))?.shape ?? [];
  const channels = unit.content.first === null ? 0 : channelsOf(unit.content.first);
  return shape.length === 0 || channels === 0 || shape.includes(channels);
}

/** The convolution whose output leaves a unit: it, or the last layer of a block (a stem `conv1` of three). */
function convOf(unit: ModuleNode): ModuleNode | null {
  if (unit.kind === 'linear') return unit;
  const tail = tailConv(unit);
  if (tail !== null || !unit.words.saysConv) return tail;
  const { last } = unit.content;
  return last?.kind === 'conv' && last.number !== null && last.parent === unit ? last : null;
}

/** A group of convolutions and norms that is registered in turns is a few layers long. */
const MAX_BETWEEN = 64;

/**
 * The first layer between the two that neither belongs to another pair of the block nor to a block of its own.
 * An activation counts where it is all that stands between them: the place of others among layers that are
 * registered in turns (`conv1, conv2, relu, bn1, bn2`) or behind a norm says nothing.
 */
function strangerBetween(
  conv: ModuleNode,
  norm: ModuleNode,
  scope: ModuleNode,
  { layers }: ModuleTree,
): ModuleNode | null {
  const [from, to] = conv.order < norm.order ? [conv.order, norm.order] : [norm.order, conv.order];
  const between = layers.slice(from + 1, Math.min(to, from + MAX_BETWEEN));
  if (to - from > MAX_BETWEEN) return between[0] ?? null;
  const weighty = between.filter(({ kind }) => !quietKinds.has(kind));
  const activation = between.find(({ kind }) => kind === 'activation');
  if (activation !== undefined && weighty.length === 0 && conv.order < norm.order) {
    return activation;
  }
  return (
    weighty.find((layer) => {
      const unit = scope.childToward(layer);
      return unit === null || !isSpokenFor(unit, scope);
    }) ?? null
  );
}

const quietKinds: ReadonlySet<ModuleKind> = new Set(['passive', 'activation', 'operator']);

/** Whether a child of the block has its own partner there, or brings its own norm (`conv2.bn`). */
function isSpokenFor(unit: ModuleNode, scope: ModuleNode): boolean {
  const { convs, norms } = unit.content;
  if (norms > 0 && convs > 0) return unit.words.saysConv;
  if (norms > 0) return partnerOf(unit, scope) !== null;
  if (convOf(unit) === null) return false;
  return scope
    .childrenNumbered(unit.words.numbers)
    .some(
      (other) =>
        other !== unit &&
        other.kind === 'norm' &&
        (haveSameTag(other.words, unit.words) || haveLikeTag(other.words, unit.words)),
    );
}
