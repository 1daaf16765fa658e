/**
 * What the threads that write one output share: how many units are taken, how many bytes are written, whether to
 * stop, and whether a helper has come. Crosses to threads by its `memory`.
 */
export class WriteControl {
  private readonly flags: Int32Array;
  private readonly written: BigInt64Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(24)) {
    this.flags = new Int32Array(memory, 0, 4);
    this.written = new BigInt64Array(memory, 16, 1);
  }

  /** Takes one of `count` units, or says that none is left. Which one it is, is the taker's own rule. */
  claim(count: number): boolean {
    return Atomics.add(this.flags, TAKEN, 1) < count;
  }

  /** Makes every writer stop at its next block. */
  stop(): void {
    Atomics.store(this.flags, STOPPED, 1);
  }

  get isStopped(): boolean {
    return Atomics.load(this.flags, STOPPED) === 1;
  }

  /** A helper says that it comes in; false when it is too late, and then it must not touch the output. */
  join(): boolean {
    return Atomics.compareExchange(this.flags, DOOR, OPEN, JOINED) === OPEN;
  }

  /** Lets no helper in any more; true when one has come in before, whose result must be waited for. */
  close(): boolean {
    return Atomics.compareExchange(this.flags, DOOR, OPEN, CLOSED) === JOINED;
  }

  addWritten(bytes: number): void {
    Atomics.add(this.written, 0, BigInt(bytes));
  }

  get writtenBytes(): number {
    return Number(Atomics.load(this.written, 0));
  }
}

const TAKEN = 0;
const STOPPED = 1;
const DOOR = 2;
const OPEN = 0;
const JOINED = 1;
const CLOSED = 2;
