/**
 * What the search for explanations may cost in all, in multiplications: some twenty seconds of one core. Networks of
 * practice need half of it at most; what would need more stays silent, with the reason said.
 */
export const MAX_WORK = 8e9;

/** What one piece may take, in equal shares of what is left: some layers need little, and nobody knows which. */
const GENEROSITY = 8;

/** Work between two moments at which others are let in: a few dozen milliseconds. */
const PAUSE_WORK = 3e7;

/**
 * Counts the work of the test, so that no file can make it endless. It counts multiplications and not seconds, because
 * the same file must give the same verdicts on every machine.
 */
export class WorkBudget {
  private spent = 0;
  private limit: number;
  private nextPause = PAUSE_WORK;

  /** `total` is in multiplications. */
  constructor(private readonly total: number) {
    this.limit = total;
  }

  /** Limits the next piece of work, so that something is left for the `waiting` ones, itself included, to come. */
  share(waiting: number): void {
    const left = this.total - this.spent;
    this.limit = this.spent + left * Math.min(1, GENEROSITY / waiting);
  }

  spend(multiplications: number): void {
    this.spent += multiplications;
  }

  /** Whether what was allowed is used up. */
  get isSpent(): boolean {
    return this.spent >= this.limit;
  }

  /** Whether it is time to let others in; true once for each stretch of work. */
  isPauseDue(): boolean {
    if (this.spent < this.nextPause) return false;
    this.nextPause = this.spent + PAUSE_WORK;
    return true;
  }
}
