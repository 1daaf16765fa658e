import type { Pairing } from '../model/pair';
import type { ActivationVote } from './recovery/activationVote';

/** What the statistics of a file say as a whole. */
export interface StatisticsSummary {
  readonly pairs: number;
  readonly confirmed: number;
  readonly silent: number;
  readonly contradicted: number;
  /** Pairs that only the statistics found; they count as confirmed as well. */
  readonly proposed: number;
  /** The activation nearly all layers agree on; null when the numbers do not tell. */
  readonly activation: string | null;
  /** One sentence for people. */
  readonly sentence: string;
}

/** Counts the findings of a pairing. */
export function summarize(
  pairing: Pairing,
  proposed: number,
  vote: ActivationVote | null,
): StatisticsSummary {
  const says = pairing.pairs.map(({ statistics }) => statistics?.says ?? 'silent');
  const count = (what: (typeof says)[number]): number =>
    says.filter((said) => said === what).length;
  const counts = {
    pairs: says.length,
    confirmed: count('confirms'),
    silent: count('silent'),
    contradicted: count('contradicts'),
    proposed,
    activation: vote?.isClear === true ? (vote.activation?.name ?? null) : null,
  };
  return { ...counts, sentence: summarySentence(counts) };
}

function summarySentence(counts: Omit<StatisticsSummary, 'sentence'>): string {
  const { pairs, confirmed, silent, contradicted, proposed } = counts;
  if (pairs === 0) return 'There is no pair for the statistics to speak about.';
  if (confirmed === 0 && contradicted === 0) {
    return 'The statistics of this file say nothing (untrained, or frozen while the weights moved on).';
  }
  const parts = [`${confirmed} of ${pairs} pairs confirmed`];
  if (proposed > 0) parts.push(`${proposed} of them found by the statistics alone`);
  if (silent > 0) parts.push(`${silent} silent`);
  if (contradicted > 0) parts.push(`${contradicted} contradicted`);
  return `${parts.join(', ')}.`;
}
