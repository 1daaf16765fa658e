import { parentPort } from 'node:worker_threads';
import { CancellationError } from '../../core/errors';
import { runWriterJob, type WriterJob } from './writerJob';
import type { WriterReply } from './writerThread';

/** Entry of a writer thread: a reply for each job. */
parentPort?.on('message', (job: WriterJob) => {
  parentPort?.postMessage(replyTo(job));
});

function replyTo(job: WriterJob): WriterReply {
  try {
    return { kind: 'done', result: runWriterJob(job) };
  } catch (error) {
    if (error instanceof CancellationError) return { kind: 'cancelled' };
    if (!(error instanceof Error)) throw error;
    const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
    return { kind: 'failed', message: error.message, code };
  }
}
