import { existsSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { ModelFormatError } from '../../src/core/errors';
import { serveEngine } from '../../src/engine/serveEngine';
import { decodeEngineStart } from '../../src/protocol/decodeEngineStart';
import type { InspectReport } from '../../src/protocol/reports';
import { emptyStatistics } from './reports';

/**
 * An engine whose jobs do what the model's path says, for tests of the channel: `busy` works without a pause until it
 * is cancelled, `die` ends the thread, `throw` fails by mistake, `die-once:<file>` dies unless the file exists.
 */
if (parentPort !== null) {
  serveEngine(parentPort, decodeEngineStart(workerData), {
    inspect: async ({ path }, context) => {
      context.report({ stage: 'read', done: 0, total: 1 });
      if (path === 'busy') while (!context.isCancelled);
      context.throwIfCancelled();
      await context.checkpoint();
      if (path === 'die') process.exit(7);
      if (path === 'throw') throw new TypeError('a mistake of ours');
      if (path === 'damaged') throw new ModelFormatError('the file is damaged', 12);
      const once = /^die-once:(.*)/.exec(path)?.[1];
      if (once !== undefined && !existsSync(once)) {
        writeFileSync(once, '');
        process.exit(7);
      }
      return emptyReport(path);
    },
    fuse: () => Promise.reject(new Error('not asked for')),
    structure: () => Promise.reject(new Error('not asked for')),
    drift: () => Promise.reject(new Error('not asked for')),
    statisticsPicture: () => Promise.reject(new Error('not asked for')),
    surroundings: () => Promise.reject(new Error('not asked for')),
    driftDetail: () => Promise.reject(new Error('not asked for')),
  });
}

function emptyReport(path: string): InspectReport {
  return {
    schema: 1,
    model: { path, format: 'onnx', sizeBytes: 0, bytesRead: 0, producer: null, opsets: {} },
    policy: 'all',
    counts: { pairs: 0, fusable: 0, skipped: 0, blocked: 0, unpaired: 0 },
    pairs: [],
    statistics: emptyStatistics,
    unpaired: [],
    problems: [],
  };
}
