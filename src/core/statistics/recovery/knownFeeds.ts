import type { Feed } from '../feeds/feed';
import type { Study } from './study';

/** A reading must explain this much before other layers build on its feed. */
export const WORTH_KNOWING = 0.9;

/** What layers turned out to be fed with: inputs that other layers may share, add to or pass on. */
export class KnownFeeds {
  /** By the key the feed was found under; the feed itself gets a short key, so that keys do not grow by nesting. */
  private readonly byKey = new Map<string, Feed>();

  /** Takes over the feed of a study that is explained well. */
  learnFrom(study: Study): void {
    const { best } = study;
    if (best === null || best.fit.share < WORTH_KNOWING) return;
    this.add(best.feed);
    const other = best.feed.otherHalf?.();
    if (other !== undefined) this.add(other);
  }

  /** Known feeds of a width, nearest in the file's order first: at most `limit` single layers, and as many others. */
  nearest(width: number, order: number, limit: number): Feed[] {
    const near = [...this.byKey.values()]
      .filter(({ mean }) => mean.length === width)
      .toSorted((a, b) => Math.abs(a.order - order) - Math.abs(b.order - order));
    const isSingle = ({ origin }: Feed): boolean => origin.kind === 'norm';
    const others = near.filter((feed) => !isSingle(feed));
    return [...near.filter(isSingle).slice(0, limit), ...others.slice(0, limit)];
  }

  private isKnown({ key }: Feed): boolean {
    return key.startsWith(KNOWN);
  }

  private add(feed: Feed): void {
    if (this.byKey.has(feed.key) || this.isKnown(feed)) return;
    const isSimple = feed.origin.kind === 'norm';
    const key = isSimple ? feed.key : `${KNOWN}${this.byKey.size}`;
    this.byKey.set(feed.key, { ...feed, key });
  }
}

const KNOWN = 'k';
