import { activated, lazily, normFeed, type Feed } from '../feeds/feed';
import { mirrored } from '../feeds/composites';
import { identity, rectifier, type Activation } from '../mathematics/activations';
import type { EvidenceBase } from './evidenceBase';
import { looseLinks, through } from './links';
import { nearest } from './nearest';
import { inputWidths, type Study } from './study';

/**
 * Mean and standard deviation of the largest of a window's values, in standard deviations of one value. Neighbours
 * are alike to an unknown degree, so several degrees are tried, up to that of four and of nine independent values.
 */
const windows: readonly { readonly lift: number; readonly spread: number }[] = [
  { lift: 0.25, spread: 0.95 },
  { lift: 0.4, spread: 0.92 },
  { lift: 0.55, spread: 0.88 },
  { lift: 0.7, spread: 0.84 },
  { lift: 0.87, spread: 0.77 },
  { lift: 1.03, spread: 0.7 },
  { lift: 1.16, spread: 0.67 },
  { lift: 1.3, spread: 0.63 },
  { lift: 1.49, spread: 0.6 },
];

const NEAR_NORMS = 8;

/** How a feed behind a max-pooling reads. */
const POOLED = 'maxpool';

/** Whether a feed has passed a max-pooling, or a max-pooling and then a convolution. */
export function isPooled({ via, origin }: Feed): boolean {
  if (via === null) return false;
  return via === POOLED || ('parts' in origin && origin.parts.some(isPooled));
}

/** The lift of a max-pooling was fitted; it may imitate the shift that a sum makes, so much is asked of it. */
export const SETTLED_POOLED = 0.99;

/** Single BatchNorms with one of `chosen` behind a max-pooling, which commutes with the activations in use. */
export function pooledFeeds(
  study: Study,
  base: EvidenceBase,
  chosen: readonly Activation[],
): Feed[] {
  return study
    .widthsAmong(base.norms)
    .flatMap((width) => pooledOfWidth(width, study, base, chosen));
}

/** The same in front of another convolution, which has no BatchNorm; worked out as they are asked for. */
export function* pooledBehindLinks(
  study: Study,
  base: EvidenceBase,
  chosen: readonly Activation[],
): Generator<Feed> {
  for (const link of looseLinks(study.witness, base)) {
    for (const width of inputWidths(link.conv, link.sums, base.norms)) {
      yield* through(link, pooledOfWidth(width, study, base, chosen));
    }
  }
}

function pooledOfWidth(
  width: number,
  study: Study,
  base: EvidenceBase,
  chosen: readonly Activation[],
): Feed[] {
  return nearest(base.norms, study, width, NEAR_NORMS).flatMap((norm) =>
    pooled(normFeed(norm)).flatMap((feed) =>
      chosen.map((activation) => activated(feed, activation)),
    ),
  );
}

/** The same with a CReLU, which halves the width in front of it. */
export function pooledMirrors(study: Study, base: EvidenceBase): Feed[] {
  return study.widthsAmong(base.norms).flatMap((width) =>
    nearest(base.norms, study, width / 2, NEAR_NORMS).flatMap((norm) =>
      pooled(mirrored(normFeed(norm), identity)).map((feed) => ({
        ...activated(feed, rectifier('relu', 0)),
        activation: 'crelu',
      })),
    ),
  );
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
