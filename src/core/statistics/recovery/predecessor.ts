import { isOfSameLayers } from '../feeds/feed';
import type { Reading } from '../readings';
import { isPooled } from './pooledFeeds';
import type { Study } from './study';

/** Another layer is as good a predecessor when it leaves at most this factor, plus a margin, more unexplained. */
const TOLERANCE = 2;
const MARGIN = 0.01;

/**
 * Decides whether the layers of the best reading are surely the predecessors. Where expectations differ little from
 * channel to channel (short training), several layers explain the means alike: then none is named, and the one
 * registered last before the convolution is taken for what comes behind, if it is among them.
 */
export function settlePredecessor(study: Study): void {
  const { best } = study;
  if (best === null) return;
  const limit = TOLERANCE * (1 - best.fit.share) + MARGIN;
  if (best.feed.origin.kind !== 'norm') {
    study.isPredecessorSure = study.composites.every(
      ({ feed, fit }) => 1 - fit.share > limit || isOfSameLayers(feed, best.feed),
    );
    return;
  }
  if (isPooled(best.feed)) {
    // Its lift was fitted, so a plain layer or a sum that does nearly as well is as likely.
    const least = TOLERANCE * (1 - best.fit.share);
    study.isPredecessorSure = [...study.singles, ...study.composites].every(
      ({ feed, fit }) => 1 - fit.share > least || isOfSameLayers(feed, best.feed),
    );
    return;
  }
  const rivals = byLayer(study.singles.filter(({ fit }) => 1 - fit.share <= limit));
  if (rivals.size <= 1) return;
  const before = [...study.singles]
    .filter(({ feed }) => feed.order < study.order)
    .reduce((last, { feed }) => Math.max(last, feed.order), -1);
  const natural = [...rivals.values()].find(({ feed }) => feed.order === before);
  study.isPredecessorSure = false;
  if (natural === undefined) return;
  const alike = study.singles.find(
    ({ feed, gain }) =>
      feed.order === natural.feed.order &&
      feed.activation === best.feed.activation &&
      gain === best.gain,
  );
  const isGoodEnough = alike !== undefined && 1 - alike.fit.share <= limit;
  study.best = isGoodEnough ? alike : natural;
}

/** The best reading of each layer. */
function byLayer(readings: readonly Reading[]): Map<string, Reading> {
  const best = new Map<string, Reading>();
  for (const reading of readings) {
    const { origin } = reading.feed;
    if (origin.kind !== 'norm') continue;
    const known = best.get(origin.name);
    if (known === undefined || reading.fit.share > known.fit.share) best.set(origin.name, reading);
  }
  return best;
}
