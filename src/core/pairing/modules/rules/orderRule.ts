import { tailConv, type ModuleNode } from '../moduleNode';
import type { ModuleTree } from '../moduleTree';
import { haveForeignTag, haveSameTag } from '../nameWords';
import { channelsOf } from '../weightFamilies';
import type { RuleFinding } from './link';
import { mayMean } from './namedKind';
import { normUnit } from './normUnit';

/** Names of norms that stand before their layers, at the end of a network, or on a branch without convolution. */
const standsElsewhere = /pre|identity|skip|shortcut|residual|final|last/i;
/** Convolutions whose output is added to something: positional encodings, and those on a branch around the block. */
const addedBack = /pos|cpe|peg|lepe|shortcut|skip|residual|identity/i;
/** Children of blocks in which norms stand before the layers they are named after. */
const normalisesFirst = /attn|attention|mlp|ffn|mixer|feed_?forward/i;

/**
 * Where names say nothing of the partner, a norm may belong to the convolution of its own block that is registered
 * right before it (`conv_pw`, `bn1`). Only in files that keep that order, and only when no name speaks against it.
 */
export function orderRule(norm: ModuleNode, tree: ModuleTree): RuleFinding | null {
  const unit = normUnit(norm, tree);
  const scope = unit.parent;
  const conv = tree.layers[norm.order - 1];
  if (!tree.isOrdered || scope === null || unit.number !== null || conv === undefined) return null;
  const convUnit = conv.kind === 'conv' || conv.kind === 'linear' ? scope.childToward(conv) : null;
  if (convUnit === null || (conv.kind === 'conv' && tailConv(convUnit) !== conv)) return null;
  const why = contradiction(unit, convUnit, scope);
  const next = tree.layers[norm.order + 1];
  const rival = next !== undefined && isTwin(norm, next) ? next : null;
  const obstacle =
    why ?? (rival === null ? null : `${rival.path} may belong to ${conv.path} as well as it`);
  if (obstacle !== null) {
    return { kind: 'obstacle', conv, obstacle: { kind: 'unproved', why: obstacle } };
  }
  return { kind: 'link', link: { norm, conv, rule: 'order', scope } };
}

/** Whether the name of a convolution says that its output is added to something. */
export function isAddedBack({ name }: ModuleNode): boolean {
  return addedBack.test(name);
}

/** Whether two norms of a block are told apart by their numbers alone: `conv`, `bn1`, `bn2`. */
function isTwin(norm: ModuleNode, other: ModuleNode): boolean {
  return (
    other.kind === 'norm' &&
    other.parent === norm.parent &&
    norm.words.numbers.length > 0 &&
    other.name.replace(/\d+/g, '') === norm.name.replace(/\d+/g, '') &&
    channelsOf(other) === channelsOf(norm)
  );
}

/** What the names in a block say against a norm's unit running behind a convolution's; null when nothing does. */
export function contradiction(
  unit: ModuleNode,
  conv: ModuleNode,
  scope: ModuleNode,
): string | null {
  if (standsElsewhere.test(unit.name)) return `the name ${unit.name} says that it stands elsewhere`;
  if (isAddedBack(conv)) {
    return `the name of ${conv.path} says that its output is added to something`;
  }
  if (haveForeignTag(conv.words, unit.words) || !mayMean(unit, conv)) {
    return `its name does not say that it belongs to ${conv.path}, behind which it is registered`;
  }
  if (conv.kind === 'container' && !conv.words.saysConv) {
    return `${conv.path} is a block of another kind, whose output may be added to something`;
  }
  const isOneOfMany = conv.words.numbers.length > 0 && unit.words.numbers.length === 0;
  if (isOneOfMany && !narrows(conv) && !endsBlock(conv, scope)) {
    return `${conv.path} has a number and it has none`;
  }
  const namesake = scope
    .childrenNumbered(unit.words.numbers)
    .find((child) => child !== unit && child !== conv && isNamesake(child, unit));
  if (namesake !== undefined) return `its name points at ${namesake.path} rather than ${conv.path}`;
  const block = scope.children
    .slice(0, MAX_CHILDREN)
    .find(({ name }) => normalisesFirst.test(name));
  if (block !== undefined) return `blocks with ${block.name} often normalise before they convolve`;
  return null;
}

/** A block of a network has a few children; what has more is not looked through for every norm in it. */
const MAX_CHILDREN = 32;

function isNamesake(child: ModuleNode, unit: ModuleNode): boolean {
  const { convs, linears } = child.content;
  return convs + linears > 0 && haveSameTag(child.words, unit.words);
}

/** Whether this is the last of a block's bare convolutions, which then share the one norm behind them. */
function endsBlock(conv: ModuleNode, scope: ModuleNode): boolean {
  return scope.children.slice(0, MAX_CHILDREN).every(({ kind, order, content }) => {
    const holdsConv = content.convs + content.linears > 0;
    return !holdsConv || (kind === 'conv' && order <= conv.order);
  });
}

/** Whether a convolution changes the number of channels, as one in front of a norm in a bottleneck does. */
function narrows(conv: ModuleNode): boolean {
  const [out, groupIn] = conv.module?.tensors.get('weight')?.shape ?? [];
  return groupIn !== 1 && out !== groupIn;
}
