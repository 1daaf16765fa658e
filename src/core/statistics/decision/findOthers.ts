import type { Pair } from '../../model/pair';
import { everyFewFirst, MAX_FRUITLESS } from '../everyFewFirst';
import type { Norm } from '../norm';
import type { EvidenceBase } from '../recovery/evidenceBase';
import type { Study } from '../recovery/study';
import { otherConvolution, promisingConvolutions } from './otherConvolution';
import { isProof } from './proof';

/**
 * For BatchNorms without a proved pair, by name: the convolution that their means prove instead. None for a graph,
 * whose edges show what feeds them. Yields now and then.
 */
export function* findOthers(
  pairs: readonly Pair[],
  base: EvidenceBase,
): Generator<void, Map<string, Study>> {
  const others = new Map<string, Study>();
  base.work.share(1);
  if (pairs.some(({ evidence }) => evidence === 'graph')) return others;
  const proved = base.studies.filter((study) => isProof(study));
  const settled = new Set(proved.map(({ norm }) => norm));
  const taken = new Set(proved.map(({ conv }) => conv.name));
  const open = base.norms.filter((norm) => !settled.has(norm) && norm.isTrained);
  const ownOf = new Map(pairs.map(({ bn, conv }) => [bn.name, conv.name]));
  const ordered = everyFewFirst(open);
  for (const norms of [ordered.slice(0, MAX_FRUITLESS), ordered.slice(MAX_FRUITLESS)]) {
    const promising = yield* promisingConvolutions(norms, taken, base);
    if (promising === null || base.work.isSpent) {
      markCutShort(base, norms);
      break;
    }
    for (const norm of norms) {
      const own = ownOf.get(norm.layer.name);
      const isFree = (conv: { name: string }): boolean =>
        conv.name !== own && !taken.has(conv.name);
      const candidates = (promising.get(norm) ?? []).filter(({ witness }) => isFree(witness.conv));
      const alternatives = [...base.witnesses.values()].filter(
        ({ conv, sums }) => isFree(conv) && sums.outChannels === norm.mean.length,
      );
      const found = yield* otherConvolution(norm, candidates, alternatives.length, base);
      if (found === null) continue;
      others.set(norm.layer.name, found);
      taken.add(found.conv.name);
    }
    // Numbers that explain nothing at all were made up, or stand still while the weights moved on.
    if (proved.length === 0 && others.size === 0) break;
  }
  return others;
}

function markCutShort({ studies }: EvidenceBase, norms: readonly Norm[]): void {
  for (const study of studies) if (norms.includes(study.norm)) study.isCutShort = true;
}
