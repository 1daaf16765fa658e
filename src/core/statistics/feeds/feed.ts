import { identity, type Activation } from '../mathematics/activations';
import { outputStd, type Norm } from '../norm';

/**
 * What a convolution may be fed with: mean and standard deviation of each input channel, and where they come from.
 * A feed is a hypothesis until a fit speaks for it.
 */
export interface Feed {
  /** Tells this feed from every other; short, because thousands are remembered. */
  readonly key: string;
  readonly origin: Origin;
  /** Activation applied last; `none` where the values come as they are. */
  readonly activation: string;
  /** What the values pass through before they arrive: a convolution without BatchNorm, `maxpool`; null for nothing. */
  readonly via: string | null;
  /** [channels] */
  readonly mean: Float64Array;
  /** [channels]; worked out when first asked for, because most feeds are tried by their means alone. */
  std(): Float64Array;
  /** Place, in the file's order of layers, of the last layer it comes from. */
  readonly order: number;
  /** The other half, for a half of a shuffled value: it passes the branch by and comes back behind it. */
  readonly otherHalf?: () => Feed;
}

/** Where a feed's values come from, before its activation. */
export type Origin =
  | { readonly kind: 'norm'; readonly name: string; readonly eps: number }
  | {
      readonly kind: 'sum' | 'concatenation' | 'shuffle' | 'padding' | 'product';
      readonly parts: readonly Feed[];
    }
  /** Nothing is known but that there are few channels. */
  | { readonly kind: 'unknown' };

/** Residual sums nest as deep as the network; beyond this depth a text says `…`. */
const MAX_TEXT_DEPTH = 2;

/** How a feed reads in a sentence: `relu(layer1.bn)`, or the plain name where nothing is applied. */
export function feedText(feed: Feed, depth = 0): string {
  const source = originText(feed.origin, depth);
  const active = feed.activation === identity.name ? source : `${feed.activation}(${source})`;
  return feed.via === null ? active : `${feed.via}(${active})`;
}

/** The same without activation: `layer1.bn`, `a + b`, `[a, b]`. */
export function originText(origin: Origin, depth = 0): string {
  if (origin.kind === 'norm') return origin.name;
  if (origin.kind === 'unknown') return 'unknown';
  if (depth >= MAX_TEXT_DEPTH) return '…';
  const parts = origin.parts.map((part) => feedText(part, depth + 1));
  switch (origin.kind) {
    case 'sum':
      return parts.join(' + ');
    case 'product':
      return parts.join(' · ');
    case 'concatenation':
      return `[${parts.join(', ')}]`;
    case 'shuffle':
      return `shuffled [${parts.join(', ')}]`;
    case 'padding':
      return `padded ${parts.join()}`;
  }
}

/** The single layers that a feed is made of. */
export function leavesOf(feed: Feed): Feed[] {
  return 'parts' in feed.origin ? feed.origin.parts.flatMap(leavesOf) : [feed];
}

const knownLayers = new WeakMap<Feed, readonly string[]>();

/** Names of all layers a feed comes from, each once, sorted. */
export function layersOf(feed: Feed): readonly string[] {
  const known = knownLayers.get(feed);
  if (known !== undefined) return known;
  const names = leavesOf(feed).map(({ origin }) => originText(origin));
  const layers = [...new Set(names)].toSorted();
  knownLayers.set(feed, layers);
  return layers;
}

/** Whether two feeds come from the same layers, whatever is done to them. */
export function isOfSameLayers(a: Feed, b: Feed): boolean {
  const [mine, others] = [layersOf(a), layersOf(b)];
  return mine.length === others.length && mine.every((layer, idx) => layer === others[idx]);
}

/** The output of one BatchNorm, before any activation. */
export function normFeed(norm: Norm, eps = norm.layer.eps): Feed {
  const { name } = norm.layer;
  return {
    key: eps === norm.layer.eps ? `n${norm.order}` : `n${norm.order}@${eps}`,
    origin: { kind: 'norm', name, eps },
    activation: identity.name,
    via: null,
    mean: norm.beta,
    std: lazily(() => outputStd(norm, eps)),
    order: norm.order,
  };
}

/** A feed after an activation, taking its values as normally distributed and its channels one by one. */
export function activated(feed: Feed, activation: Activation): Feed {
  if (activation.name === identity.name) return feed;
  const std = feed.std();
  const { name } = activation;
  return {
    ...feed,
    key: activatedKey(feed.key, name),
    activation: name,
    mean: feed.mean.map((mean, channel) =>
      activation.expectation(mean, std[channel] ?? 0, channel),
    ),
    std: lazily(() =>
      feed.mean.map((mean, channel) => activation.moments(mean, std[channel] ?? 0, channel).std),
    ),
  };
}

/** A function that works its value out once. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** Key of the feed `key` after the activation `name`. */
export function activatedKey(key: string, name: string): string {
  return name === identity.name ? key : `${name}(${key})`;
}
