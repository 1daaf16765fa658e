import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { EngineJobs } from './jobs/engineJobs';
import { serveEngine } from './serveEngine';

/** Entry of the engine's thread. Its bundle lies beside that of the writer. */
if (parentPort !== null) {
  serveEngine(parentPort, workerData, new EngineJobs(join(__dirname, 'writerWorker.js')));
}
