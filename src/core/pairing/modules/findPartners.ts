import { isSparseClass } from './classNames';
import { chooseReading, type ChosenReading } from './chooseReading';
import { groupBy } from './groupBy';
import { isCalledInstanceNorm } from './instanceNormName';
import type { ModuleNode } from './moduleNode';
import type { ModuleTree } from './moduleTree';
import { pathPattern } from './nameWords';
import { unprovedChains } from './rules/chains';
import { childRule } from './rules/childRule';
import type { Link, Obstacle, RuleFinding } from './rules/link';
import { listRule } from './rules/listRule';
import { orderRule } from './rules/orderRule';
import { placeRule } from './rules/placeRule';
import { sequenceRule } from './rules/sequenceRule';
import { loneNormsBehind, shiftRule } from './rules/shiftRule';
import { tagRule } from './rules/tagRule';
import { unorderedLinks } from './rules/unorderedRules';
import { orientations, type Orientation } from './siblings';
import { doubtBySiblings } from './turnedSiblings';
import {
  channelsOf,
  weightFamilies,
  type Layers,
  type LayoutChoice,
  type WeightFamilies,
} from './weightFamilies';

/** What is known of the convolution in front of a norm. */
export type Partner =
  | { readonly kind: 'proved'; readonly link: Link; readonly chosen: ChosenReading }
  | {
      readonly kind: 'doubted';
      readonly conv: ModuleNode;
      readonly chosen: ChosenReading;
      readonly obstacle: Obstacle;
    }
  /** The convolution stands behind the norm, not in front of it. */
  | { readonly kind: 'before'; readonly conv: ModuleNode }
  | { readonly kind: 'none' };

/** The norms of a tree with their partners, and how weights are laid out. */
export interface Partners {
  readonly partnerByNorm: ReadonlyMap<ModuleNode, Partner>;
  readonly families: WeightFamilies;
}

type Findings = ReadonlyMap<ModuleNode, RuleFinding | null>;

/**
 * Finds for every norm the convolution that feeds it. First each norm's own surroundings propose a link, then the
 * weights' layouts and the channels of all blocks of a kind decide whether the proposal holds.
 */
export function findPartners(tree: ModuleTree, layout: LayoutChoice): Partners {
  const findings = proposals(tree);
  const links = [...findings.values()].flatMap(linkOf);
  const families = weightFamilies([...links, ...sparseObstacles(findings)], layout);
  const named = links.filter(({ rule }) => rule !== 'sequence' && rule !== 'child');
  const hasSequences = named.length < links.length;
  const orientation = orientations(named, families, tree, hasSequences);

  const partnerByNorm = new Map<ModuleNode, Partner>();
  for (const [norm, found] of findings) {
    const link = found?.kind === 'link' ? found.link : null;
    const direction = link === null ? 'behind' : (orientation.get(link) ?? 'behind');
    partnerByNorm.set(norm, partnerOf(norm, found, direction, families));
  }
  const turned = links.filter((link) => orientation.get(link) === 'before');
  for (const link of fittingShifts(shiftsOf(turned, findings, tree), families)) {
    partnerByNorm.set(link.norm, proved(link, families));
  }
  return { partnerByNorm: doubtBySiblings(partnerByNorm), families };
}

/** What the rules propose for each norm, before channels are looked at. */
function proposals(tree: ModuleTree): Findings {
  const norms = tree.layers.filter(({ kind }) => kind === 'norm');
  const findings = new Map(norms.map((norm) => [norm, firstFinding(norm, tree)]));
  if (tree.isOrdered) {
    for (const link of unprovedChains([...findings.values()].flatMap(linkOf), tree)) {
      const why = `${link.conv.path} may run beside the convolutions in front of it, into a sum`;
      findings.set(link.norm, obstacle(link.conv, why));
    }
    return findings;
  }
  const unclaimed = norms.filter((norm) => findings.get(norm) === null);
  const claimed = new Set([...findings.values()].flatMap(linkOf).map(({ conv }) => conv));
  for (const link of unorderedLinks(unclaimed, claimed)) {
    findings.set(link.norm, { kind: 'link', link });
  }
  return findings;
}

/** The rules in order of trust; the first that says anything of a norm decides. */
function firstFinding(norm: ModuleNode, tree: ModuleTree): RuleFinding | null {
  const found =
    childRule(norm) ??
    sequenceRule(norm, tree) ??
    listRule(norm, tree) ??
    placeRule(norm, tree) ??
    tagRule(norm, tree) ??
    orderRule(norm, tree);
  if (found === null) return registeredBefore(norm, tree);
  if (found.kind !== 'link' || norm.className !== null || !isCalledInstanceNorm(norm.name)) {
    return found;
  }
  return obstacle(found.link.conv, 'its name says that it is an InstanceNorm');
}

function obstacle(conv: ModuleNode, why: string): RuleFinding {
  return { kind: 'obstacle', conv, obstacle: { kind: 'unproved', why } };
}

/** A convolution of another block that is registered right before a norm is a guess that statistics may confirm. */
function registeredBefore(norm: ModuleNode, tree: ModuleTree): RuleFinding | null {
  const conv = tree.layers[norm.order - 1];
  if (!tree.isOrdered || conv?.kind !== 'conv') return null;
  return obstacle(conv, `${conv.path} is registered right before it, but in another block`);
}

/** Sparse convolutions with something between them and the norm: their layout is of interest all the same. */
function sparseObstacles(findings: Findings): Layers[] {
  return [...findings].flatMap(([norm, found]) => {
    if (found?.kind !== 'obstacle' || found.conv === null) return [];
    return isSparseClass(found.conv.className ?? '') ? [{ norm, conv: found.conv }] : [];
  });
}

function linkOf(found: RuleFinding | null): Link[] {
  return found?.kind === 'link' ? [found.link] : [];
}

function partnerOf(
  norm: ModuleNode,
  found: RuleFinding | null,
  direction: Orientation,
  families: WeightFamilies,
): Partner {
  if (found === null) return { kind: 'none' };
  if (found.kind === 'obstacle') return doubted(norm, found.conv, found.obstacle, families);
  const { conv } = found.link;
  switch (direction) {
    case 'behind':
      return proved(found.link, families);
    case 'before':
      return { kind: 'before', conv };
    case 'unclear': {
      const why = `the channels of blocks like this one do not tell whether it runs behind ${conv.path} or before it`;
      return doubted(norm, conv, { kind: 'unproved', why }, families);
    }
  }
}

function proved(link: Link, families: WeightFamilies): Partner {
  const chosen = chooseReading(link.conv, channelsOf(link.norm), families);
  return { kind: 'proved', link, chosen };
}

function doubted(
  norm: ModuleNode,
  conv: ModuleNode | null,
  obstacle: Obstacle,
  families: WeightFamilies,
): Partner {
  if (conv === null) return { kind: 'none' };
  const chosen = chooseReading(conv, channelsOf(norm), families);
  return chosen.kind === 'none' ? { kind: 'none' } : { kind: 'doubted', conv, chosen, obstacle };
}

/** Links of pre-activation norms with the convolutions of the units in front of theirs. */
function shiftsOf(turned: readonly Link[], findings: Findings, tree: ModuleTree): Link[] {
  return turned.flatMap((link) => {
    const shifted = shiftRule(link, tree);
    const lone = loneNormsBehind(link).filter(({ norm }) => findings.get(norm)?.kind !== 'link');
    return shifted === null ? lone : [shifted, ...lone];
  });
}

/** Shifted links whose channels agree in every block of the same kind. */
function fittingShifts(shifts: readonly Link[], families: WeightFamilies): Link[] {
  const groups = groupBy(shifts, ({ scope, conv, norm }) => {
    const from = scope.path.length;
    return `${pathPattern(scope.path)}|${conv.path.slice(from)}|${norm.path.slice(from)}`;
  });
  return [...groups.values()].flatMap((group) => {
    const fits = group.every(({ norm, conv }) => {
      const chosen = chooseReading(conv, channelsOf(norm), families);
      return chosen.kind === 'one' && !chosen.isTransposedByShape;
    });
    return fits ? group : [];
  });
}
