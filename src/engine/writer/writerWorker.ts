import { parentPort } from 'node:worker_threads';
import { CancellationError, ModelFormatError } from '../../core/errors';
import { WriteControl } from './writeControl';
import { WriterRun, type WriterJob, type WriterResult } from './writerJob';
import type { WriterReply } from './writerThread';

/** Entry of a helper's thread: one job, one reply, and the thread is gone before anyone waits for it. */
parentPort?.once('message', (job: WriterJob) => {
  parentPort?.postMessage(replyTo(job));
  parentPort?.close();
});

function replyTo(job: WriterJob): WriterReply {
  const control = new WriteControl(job.control);
  try {
    return { kind: 'done', result: control.join() ? runToEnd(job) : nothing };
  } catch (error) {
    control.stop();
    if (error instanceof CancellationError) return { kind: 'cancelled' };
    if (error instanceof ModelFormatError) return { kind: 'refused', message: error.message };
    if (!(error instanceof Error)) throw error;
    const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
    return { kind: 'failed', message: error.message, code };
  }
}

/** The answer of a helper that came too late. */
const nothing: WriterResult = { folds: [], checksums: [] };

function runToEnd(job: WriterJob): WriterResult {
  const run = new WriterRun(job, 'back');
  try {
    while (run.step());
    return run.result;
  } finally {
    run.close();
  }
}
