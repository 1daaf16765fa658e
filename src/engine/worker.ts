import { parentPort, workerData } from 'node:worker_threads';
import { EngineJobs } from './jobs/engineJobs';
import { serveEngine } from './serveEngine';

/** Entry of the engine's thread. Its bundle lies beside those of the writer and the runtime. */
if (parentPort !== null) {
  serveEngine(parentPort, workerData, new EngineJobs(__dirname));
}
