import { activated, lazily, normFeed, type Feed } from '../feeds/feed';
import { mirrored } from '../feeds/composites';
import { identity, rectifier, type Activation } from '../mathematics/activations';
import type { EvidenceBase } from './evidenceBase';
import { nearest } from './nearest';
import type { Study } from './study';

/**
 * Mean and standard deviation of the largest of a window's values, in standard deviations of one value. Neighbours
 * are alike to an unknown degree, so three degrees are tried, up to that of four independent values.
 */
const windows: readonly { readonly lift: number; readonly spread: number }[] = [
  { lift: 0.4, spread: 0.92 },
  { lift: 0.7, spread: 0.84 },
  { lift: 1.03, spread: 0.7 },
];

const NEAR_NORMS = 8;

/** How a feed behind a max-pooling reads. */
export const POOLED = 'maxpool';

/** Single BatchNorms behind a max-pooling, which commutes with the activations in use. */
export function pooledFeeds(
  study: Study,
  base: EvidenceBase,
  common: readonly Activation[],
): Feed[] {
  return study.widthsAmong(base.norms).flatMap((width) => [
    ...nearest(base.norms, study, width, NEAR_NORMS).flatMap((norm) =>
      pooled(normFeed(norm)).flatMap((feed) =>
        [identity, ...common].map((activation) => activated(feed, activation)),
      ),
    ),
    ...nearest(base.norms, study, width / 2, NEAR_NORMS).flatMap((norm) =>
      pooled(mirrored(normFeed(norm), identity)).map((feed) => ({
        ...activated(feed, rectifier('relu', 0)),
        activation: 'crelu',
      })),
    ),
  ]);
}

/** The feed behind a max-pooling, for each degree of likeness among neighbours. */
export function pooled(feed: Feed): Feed[] {
  const whole = feed.std();
  return windows.map(({ lift, spread }) => ({
    ...feed,
    key: `max${lift}(${feed.key})`,
    via: POOLED,
    mean: feed.mean.map((mean, channel) => mean + lift * (whole[channel] ?? 0)),
    std: lazily(() => whole.map((std) => std * spread)),
  }));
}
