/**
 * What the threads that write one output share: which units are taken, how many bytes are written, whether to stop.
 * Crosses to threads by its `memory`.
 */
export class WriteControl {
  private readonly flags: Int32Array;
  private readonly written: BigInt64Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.flags = new Int32Array(memory, 0, 2);
    this.written = new BigInt64Array(memory, 8, 1);
  }

  /** Takes one of `count` units, or says that none is left. Which one is the taker's own rule. */
  claim(count: number): boolean {
    return Atomics.add(this.flags, 0, 1) < count;
  }

  /** Makes every writer stop at its next block. */
  stop(): void {
    Atomics.store(this.flags, 1, 1);
  }

  get isStopped(): boolean {
    return Atomics.load(this.flags, 1) === 1;
  }

  addWritten(bytes: number): void {
    Atomics.add(this.written, 0, BigInt(bytes));
  }

  get writtenBytes(): number {
    return Number(Atomics.load(this.written, 0));
  }
}
