import { feedText, isOfSameLayers, leavesOf, type Feed } from '../feeds/feed';
import { isPooled } from '../recovery/pooledFeeds';
import { identity } from '../mathematics/activations';
import type { ActivationVote } from '../recovery/activationVote';
import type { Study } from '../recovery/study';
import { exempt } from './ordinaryActivation';

/** What feeds a convolution, as far as the numbers tell. */
export interface Wiring {
  /** The layer, or the one registered last of several. */
  readonly from: string;
  /** Activation in front of the convolution; null where several would explain the means alike. */
  readonly activation: string | null;
  /** The two activations of which it is one, where nothing decides between them; else none. */
  readonly activations: readonly string[];
  /** The whole input in words: `relu(a + b)`, `relu/relu6(a)` where nothing decides between the two. */
  readonly text: string;
}

/**
 * A predecessor is named when its reading explains this much; a poorer one may prove the pair and still be wrong. More
 * is asked where the search was cut short, because a better explanation may have been missed.
 */
const NAMED_SHARE = 0.9;
const NAMED_SHARE_CUT_SHORT = 0.97;

/** The wiring in front of a proved pair; null where only the pair itself is proved. */
export function wiringOf(study: Study, vote: ActivationVote): Wiring | null {
  const { best, isPredecessorSure } = study;
  const least = study.isCutShort ? NAMED_SHARE_CUT_SHORT : NAMED_SHARE;
  if (best === null || best.fit.share < least || !isPredecessorSure) return null;
  const { feed } = best;
  if (isImitation(study, feed, vote)) return null;
  const leaves = leavesOf(feed);
  const last = leaves.reduce<Feed | null>(
    (latest, leaf) => (latest === null || leaf.order >= latest.order ? leaf : latest),
    null,
  );
  if (last?.origin.kind !== 'norm') return null;
  // Of sums there are many; one with a layer that the file registers later is more likely a lucky one.
  if (leaves.length > 1 && last.order > study.order) return null;
  const activation = innerActivation(feed);
  const isOfFile = vote.isClear && activation === vote.activation?.name;
  const isSure =
    activation === identity.name
      ? leaves.length === 1 || isUnrivalledSum(study)
      : isOfFile || (leaves.length === 1 && isUnrivalled(study, activation));
  const from = last.origin.name;
  if (feed.origin.kind === 'sum' && activation !== identity.name && !isOnlyForm(study)) {
    const bare = renamed(feed, () => identity.name);
    const text = feedText({ ...bare, activation: 'activation' });
    return { from, activation: null, activations: [], text };
  }
  if (isSure) return { from, activation, activations: [], text: feedText(feed) };
  const activations = vote.alike.includes(activation) ? vote.alike : [];
  const unsure = activations.length > 0 ? activations.join('/') : 'activation';
  return {
    from,
    activation: null,
    activations,
    text: feedText(
      activation === identity.name
        ? { ...feed, activation: unsure }
        : renamed(feed, (name) => (name === activation ? unsure : name)),
    ),
  };
}

/**
 * Whether the reading is one that others are easily taken for. The fitted lift of a max-pooling imitates the shift that
 * a ReLU behind a sum makes, and a window without an activation in front is rare. A mirrored ReLU has two means for
 * each channel, so that it follows almost anything half as wide.
 */
function isImitation(study: Study, feed: Feed, vote: ActivationVote): boolean {
  if (feed.activation === 'crelu') {
    return feed.order > study.order || study.share < NAMED_SHARE_CUT_SHORT;
  }
  if (vote.activation === null) return false;
  return (isPooled(feed) && feed.activation === identity.name) || hasForeignPart(feed, vote);
}

/** Whether a part has an activation that is not the file's, or, outside sums, none that some of its layers prefer. */
function hasForeignPart({ origin }: Feed, vote: ActivationVote): boolean {
  if (!('parts' in origin)) return false;
  const others = origin.kind === 'sum' ? [] : vote.others;
  const ordinary = [vote.activation, ...others].map((each) => each?.name);
  return origin.parts.some((part) => {
    const isForeign = !exempt.has(part.activation) && !ordinary.includes(part.activation);
    return isForeign || hasForeignPart(part, vote);
  });
}

/** The activation applied last, or the one that all parts of a sum or concatenation share. */
function innerActivation(feed: Feed): string {
  if (feed.activation !== identity.name || !('parts' in feed.origin)) return feed.activation;
  const inner = new Set(feed.origin.parts.map(innerActivation));
  const [only] = inner;
  return only !== undefined && inner.size === 1 ? only : identity.name;
}

/** The feed with other names for its activations, wherever they are applied. */
function renamed(feed: Feed, nameOf: (activation: string) => string): Feed {
  const { origin } = feed;
  return {
    ...feed,
    activation: nameOf(feed.activation),
    origin:
      'parts' in origin
        ? { ...origin, parts: origin.parts.map((part) => renamed(part, nameOf)) }
        : origin,
  };
}

/** An activation is sure within one layer when every other one leaves this factor more unexplained. */
const CLEAR_FACTOR = 3;

function isUnrivalled({ best, singles, composites }: Study, activation: string): boolean {
  // What is not quite normal looks like a slight leak, in single layers clearly: that is for the file to say.
  if (best === null || activation.startsWith('leaky')) return false;
  if (activation === 'prelu') return true;
  return [...singles, ...composites].every(({ feed, fit }) => {
    const isRival = feed.order === best.feed.order && feed.via === best.feed.via;
    if (!isRival || feed.activation === activation) return true;
    return 1 - fit.share >= CLEAR_FACTOR * (1 - best.fit.share) + 0.01;
  });
}

/** Where the activations stand around a sum is sure when each other way leaves this factor more unexplained. */
const CLEAR_FORM = 1.5;

/** Whether the same layers, put together otherwise, explain clearly less. */
function isOnlyForm({ best, composites }: Study): boolean {
  if (best === null) return false;
  return composites.every(({ feed, fit }) => {
    // The same feed may have been tried under a second key, as the known input of another layer.
    const isRival = fit.share !== best.fit.share && isOfSameLayers(feed, best.feed);
    return !isRival || 1 - fit.share >= CLEAR_FORM * (1 - best.fit.share);
  });
}

/** Whether the same layers, put together with an activation, explain clearly less. */
function isUnrivalledSum({ best, composites }: Study): boolean {
  if (best === null) return false;
  return composites.every(({ feed, fit }) => {
    const isRival = innerActivation(feed) !== identity.name && isOfSameLayers(feed, best.feed);
    return !isRival || 1 - fit.share >= CLEAR_FACTOR * (1 - best.fit.share);
  });
}
