import { identity, type Activation } from '../mathematics/activations';
import { activated, activatedKey, lazily, type Feed, type Origin } from './feed';

/** A feed that is made only when it is new to a study: thousands are named, few are needed. */
export interface FeedRecipe {
  readonly key: string;
  /** Channels of the feed. */
  readonly width: number;
  /**
   * The feeds whose means, put at their places, add up to this feed's, so that what a convolution makes of it is the
   * sum of what it makes of them; null where an activation or another order of the channels comes between.
   */
  readonly parts: readonly PlacedFeed[] | null;
  make(): Feed;
}

/** A feed as part of a wider one, or of a sum. */
export interface PlacedFeed {
  readonly feed: Feed;
  /** Channel of the whole at which the feed's first channel lies. */
  readonly at: number;
}

/** The sum of two feeds, as a residual connection makes it, taking the two as independent; then an activation. */
export function sumOf(a: Feed, b: Feed, activation: Activation): FeedRecipe {
  const key = `(${a.key}+${b.key})`;
  const make = (): Feed =>
    activated(
      composite(
        key,
        { kind: 'sum', parts: [a, b] },
        combine(a.mean, b.mean, (x, y) => x + y),
        lazily(() => combine(a.std(), b.std(), (x, y) => Math.sqrt(x * x + y * y))),
      ),
      activation,
    );
  const isLinear = activation.name === identity.name;
  return {
    key: activatedKey(key, activation.name),
    width: a.mean.length,
    parts: isLinear ? [a, b].map((feed) => ({ feed, at: 0 })) : null,
    make,
  };
}

/** The feeds side by side, as a concatenation along the channels makes it. */
export function concatenationOf(parts: readonly Feed[]): FeedRecipe {
  const key = `[${parts.map((part) => part.key).join()}]`;
  const width = parts.reduce((sum, { mean }) => sum + mean.length, 0);
  let end = 0;
  const placed = parts.map((feed) => {
    const at = end;
    end += feed.mean.length;
    return { feed, at };
  });
  const join = (pick: (part: Feed) => Float64Array): Float64Array => {
    const joined = new Float64Array(width);
    for (const { feed, at } of placed) joined.set(pick(feed), at);
    return joined;
  };
  return {
    key,
    width,
    parts: placed,
    make: () =>
      composite(
        key,
        { kind: 'concatenation', parts },
        join(({ mean }) => mean),
        lazily(() => join((part) => part.std())),
      ),
  };
}

/** Two equally wide feeds with their channels taken by turns: a whole shuffled value. */
export function interleavingOf(a: Feed, b: Feed): FeedRecipe {
  const key = `turns(${a.key},${b.key})`;
  const mix = (pick: (part: Feed) => Float64Array): Float64Array => {
    const [even, odd] = [pick(a), pick(b)];
    const mixed = new Float64Array(2 * even.length);
    for (let k = 0; k < even.length; k++) {
      mixed[2 * k] = even[k] ?? 0;
      mixed[2 * k + 1] = odd[k] ?? 0;
    }
    return mixed;
  };
  return {
    key,
    width: 2 * a.mean.length,
    parts: null,
    make: () =>
      composite(
        key,
        { kind: 'shuffle', parts: [a, b] },
        mix(({ mean }) => mean),
        lazily(() => mix((part) => part.std())),
      ),
  };
}

/** z and −z side by side, then an activation: the CReLU of face detectors. */
export function mirrored(feed: Feed, activation: Activation): Feed {
  const both: Feed = {
    ...feed,
    key: `±${feed.key}`,
    mean: Float64Array.of(...feed.mean, ...feed.mean.map((value) => -value)),
    std: lazily(() => Float64Array.of(...feed.std(), ...feed.std())),
  };
  return { ...activated(both, activation), activation: `c${activation.name}` };
}

/** Where a shortcut without weights puts a narrower feed among the channels of a wider one; zeros fill the rest. */
const paddings = ['behind', 'around', 'before'] as const;

/** The feed widened to `width` channels by zeros, as ResNets for small images do where the width grows. */
export function padded(feed: Feed, width: number): Feed[] {
  const missing = width - feed.mean.length;
  return paddings.map((padding) => {
    const start = padding === 'behind' ? 0 : padding === 'around' ? missing >> 1 : missing;
    const widen = (values: Float64Array): Float64Array => {
      const wide = new Float64Array(width);
      wide.set(values, start);
      return wide;
    };
    const key = `0${padding}(${feed.key})`;
    const origin: Origin = { kind: 'padding', parts: [feed] };
    return composite(
      key,
      origin,
      widen(feed.mean),
      lazily(() => widen(feed.std())),
    );
  });
}

/**
 * The ways ShuffleNet's code mixes two equally wide feeds and splits the result: shuffle then halve
 * (a₀ b₀ a₁ b₁ …, first or second half), or take every other channel of the concatenation (even or odd).
 */
export function shufflesOf(a: Feed, b: Feed): FeedRecipe[] {
  const width = a.mean.length;
  if (width % 2 !== 0 || b.mean.length !== width) return [];
  return splits.flatMap((split) =>
    ([0, 1] as const).map((taken) => ({
      key: halfKey(split, taken, a, b),
      width,
      parts: null,
      make: () => half(split, taken, a, b),
    })),
  );
}

/** Where the channels of one half come from: the k-th channel of half `which`, of feeds `width` wide. */
interface Split {
  readonly name: string;
  place(k: number, which: 0 | 1, width: number): readonly [part: number, channel: number];
}

const splits: readonly Split[] = [
  {
    name: 'halves',
    place: (k, which, width) => [k % 2, (k + which * width) >> 1],
  },
  {
    name: 'alternate',
    place: (k, which, width) => [2 * k + which < width ? 0 : 1, (2 * k + which) % width],
  },
];

function halfKey(split: Split, which: 0 | 1, a: Feed, b: Feed): string {
  return `${split.name}${which}(${a.key},${b.key})`;
}

function half(split: Split, which: 0 | 1, a: Feed, b: Feed): Feed {
  const width = a.mean.length;
  const pick = (vector: (part: Feed) => Float64Array): Float64Array => {
    const parts = [vector(a), vector(b)];
    const picked = new Float64Array(width);
    for (let k = 0; k < width; k++) {
      const [part, channel] = split.place(k, which, width);
      picked[k] = parts[part]?.[channel] ?? 0;
    }
    return picked;
  };
  const made = composite(
    halfKey(split, which, a, b),
    { kind: 'shuffle', parts: [a, b] },
    pick(({ mean }) => mean),
    lazily(() => pick((part) => part.std())),
  );
  return { ...made, otherHalf: () => half(split, which === 0 ? 1 : 0, a, b) };
}

function combine(
  a: Float64Array,
  b: Float64Array,
  operation: (x: number, y: number) => number,
): Float64Array {
  const out = new Float64Array(a.length);
  for (let channel = 0; channel < out.length; channel++) {
    out[channel] = operation(a[channel] ?? 0, b[channel] ?? 0);
  }
  return out;
}

function composite(
  key: string,
  origin: Exclude<Origin, { kind: 'norm' | 'unknown' }>,
  mean: Float64Array,
  std: () => Float64Array,
): Feed {
  const order = Math.max(...origin.parts.map((part) => part.order));
  return { key, origin, activation: 'none', via: null, mean, std, order };
}
