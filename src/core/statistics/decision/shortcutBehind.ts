import { fitPrediction, type Fit } from '../fit';
import { predictEach, type Reading } from '../readings';
import type { Study } from '../recovery/study';

/** Readings tried with their input added: those that correlate best, for the added part moves the best fit. */
const MAX_READINGS = 6;

/**
 * With the shortcut, at most this share of the variation left unexplained without one may be left. Of some 700 true
 * pairs none came below 0.9; behind residual sums 0.01 to 0.3 is left.
 */
const LEAD = 0.6;
/** What more it takes to accuse a pair. */
const CLEAR_LEAD = 0.3;
const MIN_SHARE = 0.9;
const MAX_LOG_PROBABILITY = Math.log(1e-3);

interface Shortcut {
  readonly fit: Fit;
  readonly isClear: boolean;
}

const known = new WeakMap<Reading, Shortcut | { readonly fit: null }>();

/**
 * The means of a BatchNorm when the convolution's own input is added to its output, where they follow clearly better
 * like that: then a residual sum stands between the two, and what is normalised is not the convolution's output. Where
 * expectations differ little from channel to channel, the sum passes for the convolution alone. Null without such.
 */
export function shortcutBehind(study: Study): Shortcut | null {
  const { best } = study;
  if (best === null) return null;
  const found = known.get(best) ?? bestShortcut(study, best) ?? { fit: null };
  known.set(best, found);
  return found.fit === null ? null : found;
}

function bestShortcut({ sums, stored, singles, tried }: Study, best: Reading): Shortcut | null {
  const likely = singles.toSorted((a, b) => b.fit.correlation - a.fit.correlation);
  const feeds = [best, ...likely.slice(0, MAX_READINGS)]
    .filter(({ prediction }) => prediction === null)
    .map(({ feed }) => feed)
    .filter(({ mean }) => mean.length === sums.outChannels);
  const fits = Array.from(predictEach(sums, [...new Set(feeds)]), ([{ mean }, prediction]) => {
    const base = prediction.base.map((value, row) => value + (mean[sums.rows[row] ?? 0] ?? 0));
    return fitPrediction(stored, { ...prediction, base });
  });
  const [fit] = fits.toSorted((a, b) => b.share - a.share);
  const without = Math.max(best.fit.share, ...singles.map((single) => single.fit.share));
  if (fit === undefined || 1 - fit.share > LEAD * (1 - without)) return null;
  const isClear =
    fit.share >= MIN_SHARE &&
    1 - fit.share <= CLEAR_LEAD * (1 - without) &&
    fit.logProbability + Math.log(tried + fits.length) <= MAX_LOG_PROBABILITY;
  return { fit, isClear };
}
