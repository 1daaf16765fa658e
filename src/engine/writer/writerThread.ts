import { Worker } from 'node:worker_threads';
import { CancellationError, ModelFormatError } from '../../core/errors';
import type { WriterJob, WriterResult } from './writerJob';

/** What a writer thread answers. Errors lose their class on the way, so they cross as plain data. */
export type WriterReply =
  | { readonly kind: 'done'; readonly result: WriterResult }
  | { readonly kind: 'cancelled' }
  /** The originals are not what they were: a ModelFormatError. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | null };

/** A thread that helps to write one output. It boots while its owner is still busy with other things. */
export class WriterThread {
  private readonly worker: Worker;
  private death: Error | null = null;
  private hasJob = false;
  private onReply: (reply: WriterReply) => void = () => undefined;
  private onDeath: (error: Error) => void = () => undefined;

  /** `script` is the bundle of `writerWorker.ts`. */
  constructor(script: string) {
    this.worker = new Worker(script);
    this.worker.on('message', (reply: WriterReply) => {
      this.onReply(reply);
    });
    this.worker.on('error', (error) => {
      this.die(error instanceof Error ? error : new Error(String(error)));
    });
    this.worker.on('exit', (code) => {
      this.die(new Error(`a writer thread ended with code ${code}`));
    });
  }

  /** Whether it has neither been given its job nor died. */
  get isFree(): boolean {
    return !this.hasJob && this.death === null;
  }

  /** @throws CancellationError when the job was stopped, and the writer's own errors with their `code`. */
  async run(job: WriterJob): Promise<WriterResult> {
    const reply = await new Promise<WriterReply>((resolve, reject) => {
      if (this.death !== null) {
        reject(this.death);
        return;
      }
      this.hasJob = true;
      this.onReply = resolve;
      this.onDeath = reject;
      this.worker.postMessage(job);
    });
    switch (reply.kind) {
      case 'done':
        return reply.result;
      case 'cancelled':
        throw new CancellationError();
      case 'refused':
        throw new ModelFormatError(reply.message);
      case 'failed':
        throw Object.assign(
          new Error(reply.message),
          reply.code === null ? {} : { code: reply.code },
        );
    }
  }

  /** Ends the thread; resolves when it touches no file any more. */
  async dispose(): Promise<void> {
    await this.worker.terminate();
  }

  private die(error: Error): void {
    this.death ??= error;
    this.onDeath(this.death);
  }
}
