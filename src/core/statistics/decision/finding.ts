import type { Pair, StatisticsFinding } from '../../model/pair';
import { feedText, originText, type Feed } from '../feeds/feed';
import type { Study } from '../recovery/study';
import { countSigns } from '../signTest';

/** A predecessor is named when its reading explains this much; a poorer one may prove the pair and still be wrong. */
const NAMED_SHARE = 0.9;

/** What speaks against a pair, found by another test. */
export interface Contradiction {
  readonly fit: number;
  readonly sentence: string;
}

/** The finding of a pair that its study proves. */
export function confirmingFinding(study: Study): StatisticsFinding {
  const { best, norm } = study;
  const feed = namedFeed(study);
  const fit = Math.max(best?.fit.correlation ?? 0, 0);
  const followed =
    feed === null ? 'this convolution' : `${feedText(feed)} through this convolution`;
  return {
    says: 'confirms',
    fit,
    from: feed === null ? null : originText(feed.origin),
    activation: feed?.activation ?? null,
    negativeMeans: negativeShare(norm.mean),
    sentence: `The means of ${norm.mean.length} channels follow ${followed} at ${asFit(fit)}: the pair is right, and nothing stands between it and its BatchNorm.`,
  };
}

/** The finding of a pair about which the numbers decide nothing. */
export function silentFinding(pair: Pair, study: Study | null): StatisticsFinding {
  const known = pair.statistics;
  const best = study?.best ?? null;
  const fit = best === null ? null : Math.min(Math.max(best.fit.correlation, 0), 1);
  return {
    says: 'silent',
    fit,
    from: null,
    activation: null,
    negativeMeans: study === null ? (known?.negativeMeans ?? 0) : negativeShare(study.norm.mean),
    sentence: silentSentence(pair, study),
  };
}

/** The finding of a pair that another explanation rules out. */
export function contradictingFinding(
  pair: Pair,
  study: Study | null,
  contradiction: Contradiction,
): StatisticsFinding {
  return {
    says: 'contradicts',
    fit: Math.max(study?.best?.fit.correlation ?? 0, 0),
    from: null,
    activation: null,
    negativeMeans:
      study === null ? (pair.statistics?.negativeMeans ?? 0) : negativeShare(study.norm.mean),
    sentence: contradiction.sentence,
  };
}

/** The feed of a study when it is surely the predecessor; null when only the pair itself is proved. */
export function namedFeed(study: Study): Feed | null {
  const { best } = study;
  if (best === null || best.fit.share < NAMED_SHARE) return null;
  return best.feed.origin.kind === 'unknown' ? null : best.feed;
}

/** A correlation as people read it; never rounded up to a perfect 1. */
export function asFit(fit: number): string {
  return fit > 0.9995 ? '0.999' : fit.toFixed(3);
}

function silentSentence(pair: Pair, study: Study | null): string {
  if (study === null) {
    return 'The running statistics are missing or were never trained, so they say nothing.';
  }
  if (study.best === null) {
    return `No BatchNorm of the file has the channels to feed ${pair.conv.name}, so the running means say nothing.`;
  }
  return `No layer of the file, fed through ${pair.conv.name}, explains the running means (best fit ${asFit(Math.max(study.best.fit.correlation, 0))}), so they say nothing.`;
}

function negativeShare(mean: Float64Array): number {
  return countSigns(mean).negative / mean.length;
}
