import { parentPort, workerData } from 'node:worker_threads';
import { decodeEngineStart } from '../protocol/decodeEngineStart';
import { EngineJobs } from './jobs/engineJobs';
import { serveEngine } from './serveEngine';

/** Entry of the engine's thread. Its bundle lies beside those of the writer and the runtime. */
if (parentPort !== null) {
  const start = decodeEngineStart(workerData);
  serveEngine(parentPort, start, new EngineJobs(__dirname, start?.cacheFolder));
}
