import type { Pair, Policy, StatisticsFinding } from '../../model/pair';
import type { ReasonCode } from '../../model/reason';
import { isFoldedBy } from '../../pairing/policy';
import { reasonKinds } from '../../pairing/reasonKinds';
import { blockPair, type ReasonParts } from '../blockPair';

/** Doubts about the pair itself, which a proof by the statistics settles. */
const settledByProof: ReadonlySet<ReasonCode> = new Set([
  'PAIR_UNPROVED',
  // Means that follow through a linear layer show that its features are what is normalised.
  'RANK_UNKNOWN',
  'NORM_BEFORE_CONV',
  'STATISTICS_DISAGREE',
  'ALL_MEANS_NON_NEGATIVE',
]);

/** The pair with a confirming finding: doubts about the pair go, everything else that blocks it stays. */
export function confirmPair(pair: Pair, statistics: StatisticsFinding, policy: Policy): Pair {
  if (pair.evidence === 'graph') return { ...pair, statistics };
  // The sign test adds two reasons together; the suspicion of a ReLU goes with the signs.
  const suspectedBySigns = pair.reasons.some(({ code }) => code === 'ALL_MEANS_NON_NEGATIVE');
  const reasons = pair.reasons.filter(
    ({ code }) => !settledByProof.has(code) && !(suspectedBySigns && code === 'ACTIVATION_BETWEEN'),
  );
  return { ...pair, statistics, reasons, verdict: verdictOf({ ...pair, reasons }, policy) };
}

/** The pair with a contradicting finding: blocked, with the reasons. */
export function contradictPair(
  pair: Pair,
  statistics: StatisticsFinding,
  reasons: readonly ReasonParts[],
): Pair {
  return blockPair({ ...pair, statistics }, reasons);
}

/** The verdict that a pair's reasons and the policy give. */
export function verdictOf({ conv, reasons }: Pair, policy: Policy): Pair['verdict'] {
  const kinds = reasons.map(({ code }) => reasonKinds[code]);
  if (kinds.some((kind) => kind !== 'note' && kind !== 'choice')) return 'blocked';
  return kinds.includes('choice') || !isFoldedBy(policy, conv) ? 'skipped' : 'fusable';
}
