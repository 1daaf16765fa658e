import type { ModuleNetwork } from '../../model/network';
import type { OpenedModel } from '../../model/openedModel';
import type { Pair, Pairing, UnpairedBatchNorm } from '../../model/pair';
import { reason, type Reason } from '../../model/reason';
import type { PairingOptions } from '../pairingOptions';
import { tiedStorages } from '../tiedStorages';
import type { ChosenReading } from './chooseReading';
import { epsResolver } from './eps/resolveEps';
import { findPartners, type Partner } from './findPartners';
import { groupBy } from './groupBy';
import { judgePair, type PairCandidate } from './judgePair';
import { holdsStatistics } from './moduleKind';
import type { ModuleNode } from './moduleNode';
import { moduleTree, type ModuleTree } from './moduleTree';
import type { LinkRule, Obstacle } from './rules/link';
import { blockTiedPairs } from './tiedPairs';
import { withStructure } from './withStructure';

/**
 * Finds the pairs of a model without data flow, from its modules' names, order, shapes and, where the file or a
 * listing has them, classes (DESIGN.md section 2). What these signs do not prove is blocked or left unpaired, with
 * the reason. No tensor values are read.
 */
export function findModulePairs(model: OpenedModel, options: PairingOptions): Pairing {
  if (model.network.kind !== 'modules') return { pairs: [], unpaired: [], problems: [] };
  const own = model.network;
  const { network, problems } = withStructure(own, options.structure);
  const context: Context = {
    options,
    epsOf: epsResolver(network, options, pathsWithEps(own)),
  };
  const found = [...groupBy(network.modules, ({ dict }) => dict).values()].map((modules) =>
    pairsOfTree(moduleTree(modules, network.isOrdered), context),
  );
  return {
    pairs: blockTiedPairs(
      found.flatMap(({ pairs }) => pairs),
      tiedStorages(network.modules.flatMap(({ tensors }) => [...tensors.values()])),
    ),
    unpaired: found.flatMap(({ unpaired }) => unpaired),
    problems,
  };
}

interface Context {
  readonly options: PairingOptions;
  readonly epsOf: ReturnType<typeof epsResolver>;
}

function pathsWithEps(network: ModuleNetwork): ReadonlySet<string> {
  const written = network.modules.filter(({ attributes }) => attributes?.has('eps') === true);
  return new Set(written.map(({ path }) => path));
}

/** What the rules say of one norm, before another norm's claim on the same convolution is looked at. */
interface Claim {
  readonly norm: ModuleNode;
  readonly conv: ModuleNode;
  readonly chosen: ChosenReading;
  readonly proof: LinkRule | Obstacle;
}

function pairsOfTree(
  tree: ModuleTree,
  context: Context,
): { readonly pairs: Pair[]; readonly unpaired: UnpairedBatchNorm[] } {
  const { partnerByNorm, families } = findPartners(tree, context.options.layout);
  const claims: Claim[] = [];
  const unpaired: UnpairedBatchNorm[] = [];
  for (const [norm, partner] of partnerByNorm) {
    const claim = claimOf(norm, partner);
    if (claim !== null) claims.push(claim);
    else unpaired.push({ bn: norm.path, reasons: [unpairedReason(norm, partner)] });
  }
  const pairs: Pair[] = [];
  for (const [, rivals] of groupBy(claims, ({ conv }) => conv.path)) {
    const proved = rivals.filter(({ proof }) => typeof proof === 'string');
    const taking = proved.length > 0 ? proved : rivals;
    for (const claim of rivals) {
      const pair = taking.includes(claim)
        ? pairOf(claim, families.get(claim.conv) ?? null, proved.length > 1, context)
        : null;
      if (pair !== null) pairs.push(pair);
      else unpaired.push({ bn: claim.norm.path, reasons: [leftOverReason(claim)] });
    }
  }
  return { pairs: withUniqueIds(inOrder(pairs, tree)), unpaired };
}

function claimOf(norm: ModuleNode, partner: Partner): Claim | null {
  if (norm.module === null || !holdsStatistics(norm.module)) return null;
  switch (partner.kind) {
    case 'proved': {
      const { link, chosen } = partner;
      return { norm, conv: link.conv, chosen, proof: link.rule };
    }
    case 'doubted': {
      const { conv, chosen, obstacle } = partner;
      return { norm, conv, chosen, proof: obstacle };
    }
    case 'before':
    case 'none':
      return null;
  }
}

function pairOf(
  claim: Claim,
  family: PairCandidate['family'],
  isShared: boolean,
  { options, epsOf }: Context,
): Pair | null {
  const eps = epsOf(claim.norm, family !== null && family.family !== 'dense');
  return judgePair({ ...claim, family, isShared, eps }, options);
}

function unpairedReason(norm: ModuleNode, partner: Partner): Reason {
  if (norm.module === null || !holdsStatistics(norm.module)) return reason('STATISTICS_MISSING');
  if (partner.kind === 'before') return reason('NORM_BEFORE_CONV');
  return reason('PAIR_UNPROVED', 'neither name nor order points at one');
}

function leftOverReason({ conv, proof }: Claim): Reason {
  const why =
    typeof proof !== 'string' && proof.kind === 'unproved'
      ? proof.why
      : `${conv.path} belongs to another BatchNorm`;
  return reason('PAIR_UNPROVED', why);
}

function inOrder(pairs: readonly Pair[], { nodeByPath }: ModuleTree): Pair[] {
  const place = (name: string): number => nodeByPath.get(name)?.order ?? 0;
  return pairs.toSorted(
    (a, b) => place(a.conv.name) - place(b.conv.name) || place(a.bn.name) - place(b.bn.name),
  );
}

/** The first pair of a convolution has its name as id, further ones the BatchNorm's behind it. */
function withUniqueIds(pairs: readonly Pair[]): Pair[] {
  const seen = new Set<string>();
  return pairs.map((pair) => {
    const id = seen.has(pair.id) ? `${pair.id}#${pair.bn.name}` : pair.id;
    seen.add(pair.id);
    return { ...pair, id };
  });
}
