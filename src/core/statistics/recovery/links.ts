import type { FeedRecipe } from '../feeds/composites';
import { identity } from '../mathematics/activations';
import type { Feed } from '../feeds/feed';
import { predictEach } from '../readings';
import type { EvidenceBase } from './evidenceBase';
import type { Witness } from './witness';

/** Convolutions without a BatchNorm that are tried in front of another one: the nearest ones. */
const NEAR_LINKS = 2;

/**
 * Convolutions without a BatchNorm of their own whose output `witness` can take: it may see its input through one of
 * them (YuNet: a 1×1 with bias, then a depthwise one; Xception the other way round).
 */
export function looseLinks(witness: Witness, base: EvidenceBase): Witness[] {
  const { order, sums } = witness;
  const paired = new Set(base.studies.map(({ conv }) => conv.name));
  return [...base.witnesses.values()]
    .filter((link) => {
      // Every output of the link is an input here, so none may have been left out of its sums.
      const isWhole = link.sums.rows.length === link.sums.outChannels;
      const isLoose = link !== witness && !paired.has(link.conv.name);
      return isWhole && isLoose && takes(sums, link.sums.outChannels);
    })
    .toSorted((a, b) => Math.abs(a.order - order) - Math.abs(b.order - order))
    .slice(0, NEAR_LINKS);
}

/** Whether a convolution can take so many channels: in one group, or depthwise. */
function takes({ inputs, outChannels }: Witness['sums'], channels: number): boolean {
  return channels === inputs || (inputs === 1 && outChannels % channels === 0);
}

/**
 * What a convolution makes of feeds, bias included: the expectation of its output is linear in that of its input.
 * Feeds that it cannot take are left out.
 */
export function through({ conv, sums, bias }: Witness, feeds: readonly Feed[]): Feed[] {
  return Array.from(predictEach(sums, feeds), ([feed, { base }]) => ({
    ...(feed.via === null ? feed : enclosed(feed)),
    key: keyBehind(conv.name, feed.key),
    via: conv.name,
    mean: base.map((value, channel) => value + (bias?.[channel] ?? 0)),
  }));
}

/** The same for a feed of the right width that is made when it is needed. */
export function recipeThrough(link: Witness, recipe: FeedRecipe): FeedRecipe {
  return {
    key: keyBehind(link.conv.name, recipe.key),
    width: link.sums.outChannels,
    parts: null,
    make: () => {
      const whole = recipe.make();
      return through(link, [whole])[0] ?? whole;
    },
  };
}

function keyBehind(conv: string, key: string): string {
  return `${conv}(${key})`;
}

/** A feed that has passed something already, as the only part of one that has not. */
function enclosed(feed: Feed): Feed {
  return { ...feed, origin: { kind: 'sum', parts: [feed] }, activation: identity.name };
}
