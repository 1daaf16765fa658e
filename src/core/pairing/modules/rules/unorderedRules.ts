import { readingsOf, convWeight } from '../convReading';
import { groupBy } from '../groupBy';
import { isConvNormUnit, type ModuleNode } from '../moduleNode';
import { pathPattern } from '../nameWords';
import { channelsOf } from '../weightFamilies';
import type { Link } from './link';
import { contradiction } from './orderRule';

/**
 * Without an order of registration, a norm that no name claims may still have one convolution only in its block
 * that it can belong to: the only one there, the only one with its channels in every block of the kind, the second
 * half of a depthwise-separable pair, or the one of the same place in a block that numbers its norms
 * (`conv_pw, conv_dw, conv_pwl` and `bn1, bn2, bn3`). `claimed` are convolutions that other norms already have.
 */
export function unorderedLinks(
  norms: readonly ModuleNode[],
  claimed: ReadonlySet<ModuleNode | null>,
): Link[] {
  const blocks = groupBy(norms, ({ parent }) => parent?.path ?? '');
  const kinds = groupBy([...blocks.values()], ([norm]) => kindOf(norm?.parent ?? null));
  return [...kinds.values()].flatMap((siblings) => linksOfKind(siblings, claimed));
}

/** Blocks of the same place and the same children are of one kind. */
function kindOf(block: ModuleNode | null): string {
  const names = block?.children.map(({ name }) => name) ?? [];
  // A long list of children is no block but a network, of which there is one.
  return `${pathPattern(block?.path ?? '')}|${names.slice(0, 20).join()}`;
}

/** Links of all blocks of one kind; `siblings` are the unclaimed norms of each block. */
function linksOfKind(
  siblings: readonly (readonly ModuleNode[])[],
  claimed: ReadonlySet<ModuleNode | null>,
): Link[] {
  const byPlace = siblings.map((norms) => placedLinks(norms));
  if (byPlace.every((links) => links.length > 0 && links.every(hasFittingChannels))) {
    return byPlace.flat();
  }
  const candidates = siblings.map((norms) =>
    norms.length === 1 ? fittingConvs(norms[0], claimed) : [],
  );
  const names = candidates.map((convs) => new Set(convs.map(({ name }) => name)));
  const [first, ...others] = names;
  const common = [...(first ?? [])].filter((name) => others.every((set) => set.has(name)));
  const name = common.length === 1 ? common[0] : secondOfSeparable(common);
  return siblings.flatMap((norms, i) => {
    const norm = norms[0];
    const conv = candidates[i]?.find((each) => each.name === name);
    const scope = norm?.parent ?? null;
    if (norm === undefined || conv === undefined || scope === null) return [];
    return [{ norm, conv, rule: 'order' as const, scope }];
  });
}

function fittingConvs(
  norm: ModuleNode | undefined,
  claimed: ReadonlySet<ModuleNode | null>,
): ModuleNode[] {
  if (norm === undefined) return [];
  const scope = norm.parent;
  if (scope === null || scope.children.some(isOpenBlock)) return [];
  return scope.children.filter(
    (child) =>
      child.kind === 'conv' &&
      child.number === null &&
      !claimed.has(child) &&
      fits(child, channelsOf(norm)) &&
      contradiction(norm, child, scope) === null,
  );
}

/** Whether a block beside a norm may run in front of it: one that ends with a convolution and its norm. */
function isOpenBlock(block: ModuleNode): boolean {
  return block.kind === 'container' && block.words.saysConv && isConvNormUnit(block);
}

/** `conv_dw` runs in front of `conv_pw`, so a norm that fits both stands behind the latter. */
function secondOfSeparable(names: readonly string[]): string | undefined {
  const pointwise = names.filter((name) => /pw$|pointwise/.test(name));
  const isPair = names.length === 2 && names.some((name) => /dw$|depthwise/.test(name));
  return isPair && pointwise.length === 1 ? pointwise[0] : undefined;
}

/** Where a convolution of this name runs in its block: 1 widens or begins, 2 is depthwise, 3 narrows or ends. */
function stageOf(name: string): number | null {
  if (/(^|_)se_/.test(name)) return null;
  if (/exp(and)?(_conv)?$|stem$/.test(name)) return 1;
  if (/dw$|depthwise(_conv)?$/.test(name)) return 2;
  if (/pwl$|proj(ect)?(_conv)?$|head$/.test(name)) return 3;
  return /pw$|pointwise(_conv)?$/.test(name) ? 2.5 : null;
}

/** Pairs off a block's convolutions, by the stages their names say, with its norms, by number. */
function placedLinks(norms: readonly ModuleNode[]): Link[] {
  const scope = norms[0]?.parent ?? null;
  if (scope === null) return [];
  const convs = scope.children.filter(
    ({ kind, name }) => kind === 'conv' && stageOf(name) !== null,
  );
  const inverted = convs.some(({ name }) => name.endsWith('pwl'));
  const rank = ({ name }: ModuleNode): number =>
    inverted && /pw$/.test(name) ? 1 : (stageOf(name) ?? 0);
  const inOrder = convs.toSorted((a, b) => rank(a) - rank(b));
  const numbered = norms.toSorted((a, b) => (a.words.numbers[0] ?? 0) - (b.words.numbers[0] ?? 0));
  const areDistinct = new Set(convs.map(rank)).size === convs.length;
  const areNumbered = norms.every(({ words }) => words.numbers.length === 1 && words.saysNorm);
  if (!areDistinct || !areNumbered || convs.length < norms.length) return [];
  return numbered.flatMap((norm, i) => {
    const conv = inOrder[i];
    return conv === undefined ? [] : [{ norm, conv, rule: 'order' as const, scope }];
  });
}

function hasFittingChannels({ norm, conv }: Link): boolean {
  return fits(conv, channelsOf(norm));
}

function fits(conv: ModuleNode, channels: number): boolean {
  return readingsOf(convWeight(conv)?.shape ?? [], channels, 'dense').some(
    ({ layout }) => layout === 'OI*',
  );
}
