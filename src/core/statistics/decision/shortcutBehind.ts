import { fitPrediction } from '../fit';
import { predictEach, type Reading } from '../readings';
import type { Study } from '../recovery/study';

/** Readings tried with their input added: those that correlate best, for the added part moves the best fit. */
const MAX_READINGS = 6;

/** With the shortcut, at most this share of the variation left unexplained without one may be left. */
const CLEAR_LEAD = 0.6;

const known = new WeakMap<Reading, boolean>();

/**
 * Whether the means follow clearly better when the convolution's own input is added to its output: then a residual
 * sum stands between the two, and what the BatchNorm normalises is not the convolution's output. Where expectations
 * differ little from channel to channel, the sum passes for the convolution alone.
 */
export function followsWithShortcut(study: Study): boolean {
  const { best } = study;
  if (best === null) return false;
  const before = known.get(best);
  if (before !== undefined) return before;
  const found = isBetterWithShortcut(study, best);
  known.set(best, found);
  return found;
}

function isBetterWithShortcut({ sums, stored, singles }: Study, best: Reading): boolean {
  const likely = singles.toSorted((a, b) => b.fit.correlation - a.fit.correlation);
  const feeds = [best, ...likely.slice(0, MAX_READINGS)]
    .filter(({ prediction }) => prediction === null)
    .map(({ feed }) => feed)
    .filter(({ mean }) => mean.length === sums.outChannels);
  const most = Math.max(best.fit.share, ...singles.map(({ fit }) => fit.share));
  for (const [feed, prediction] of predictEach(sums, [...new Set(feeds)])) {
    const base = prediction.base.map((value, row) => value + (feed.mean[sums.rows[row] ?? 0] ?? 0));
    const { share } = fitPrediction(stored, { ...prediction, base });
    if (1 - share <= CLEAR_LEAD * (1 - most)) return true;
  }
  return false;
}
