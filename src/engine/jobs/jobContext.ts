import { setImmediate } from 'node:timers/promises';
import { CancellationError } from '../../core/errors';
import type { JobProgress } from '../../protocol/engine';

/** A job yields to messages and signals about this often. */
const YIELD_INTERVAL_MS = 20;
/** People read a few figures a second; each message costs both ends a little. */
const PROGRESS_INTERVAL_MS = 50;

/** Anything that can say that the user lost interest; a vscode-jsonrpc token is one. */
export interface CancellationFlag {
  readonly isCancellationRequested: boolean;
}

/** What a job has of its caller: whether to go on, and someone to tell how far it is. */
export class JobContext {
  private lastYield = performance.now();
  private lastReport = -Infinity;
  private lastStage: JobProgress['stage'] | null = null;

  constructor(
    private readonly flag: CancellationFlag = { isCancellationRequested: false },
    private readonly onProgress: (progress: JobProgress) => void = () => undefined,
  ) {}

  get isCancelled(): boolean {
    return this.flag.isCancellationRequested;
  }

  /** @throws CancellationError when the user cancelled. */
  throwIfCancelled(): void {
    if (this.isCancelled) throw new CancellationError();
  }

  /**
   * Lets messages and signals in now and then; call it between layers of long work.
   * @throws CancellationError when the user cancelled.
   */
  async checkpoint(): Promise<void> {
    if (performance.now() - this.lastYield > YIELD_INTERVAL_MS) {
      await setImmediate();
      this.lastYield = performance.now();
    }
    this.throwIfCancelled();
  }

  /** Reports progress; the first and last figure of a stage always get through, others at a humane rate. */
  report(progress: JobProgress): void {
    const now = performance.now();
    const isEdge = progress.stage !== this.lastStage || progress.done >= progress.total;
    if (!isEdge && now - this.lastReport < PROGRESS_INTERVAL_MS) return;
    this.lastReport = now;
    this.lastStage = progress.stage;
    this.onProgress(progress);
  }
}
