import type { StatisticsPicture } from '../../src/protocol/statistics';
import type { PictureAnswer } from '../../src/protocol/statisticsView';

/** What is known of a pair's picture so far. */
export type PictureState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly picture: StatisticsPicture }
  /** The pair has no statistics. */
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly sentence: string };

/** Pictures kept while the user goes through the pairs; one of the largest is some 100 kB. */
const MAX_PICTURES = 50;

/** The pictures of a model's pairs. One that is not there yet is asked for when it is looked at. */
export class Pictures {
  private readonly states = new Map<string, PictureState>();

  constructor(private readonly onWant: (id: string) => void) {}

  of(id: string): PictureState {
    const known = this.states.get(id);
    if (known !== undefined) return known;
    this.set(id, loading);
    this.onWant(id);
    return loading;
  }

  receive({ id, picture, failure }: PictureAnswer): void {
    if (failure !== null) this.set(id, { kind: 'failed', sentence: failure });
    else this.set(id, picture === null ? { kind: 'none' } : { kind: 'ready', picture });
  }

  /** The model says something else now. */
  forget(): void {
    this.states.clear();
  }

  /** What failed may succeed now. */
  forgetFailures(): void {
    for (const [id, { kind }] of this.states) {
      if (kind === 'failed') this.states.delete(id);
    }
  }

  private set(id: string, state: PictureState): void {
    // Maps keep the order of their keys: the oldest picture comes first.
    this.states.delete(id);
    this.states.set(id, state);
    const [oldest] = this.states.keys();
    if (this.states.size > MAX_PICTURES && oldest !== undefined) this.states.delete(oldest);
  }
}

const loading: PictureState = { kind: 'loading' };
