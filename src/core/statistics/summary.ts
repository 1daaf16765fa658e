import type { Pairing } from '../model/pair';
import { fillPlaces } from '../wording/fillPlaces';
import { statisticsText } from '../wording/statisticsText';
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
  return { ...counts, sentence: statisticsText(counts, fillPlaces) };
}
