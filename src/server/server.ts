import { join } from 'node:path';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { EngineClient } from '../engine/engineClient';
import { runServer } from './runServer';

const connection = createConnection(ProposedFeatures.all);
let cacheFolder: string | null = null;
const newEngine = (): EngineClient =>
  new EngineClient({
    workerScript: join(__dirname, 'engineWorker.js'),
    cacheFolder: () => cacheFolder,
    onTrouble: (message) => {
      connection.console.error(message);
    },
  });
// Tests of statistics read whole files and networks run long; on engines of their own they keep nobody waiting.
const engines = { foreground: newEngine(), background: newEngine(), measuring: newEngine() };
runServer(connection, engines, (options) => {
  cacheFolder = options.cacheFolder;
});
connection.listen();
