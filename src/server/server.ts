import { join } from 'node:path';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { EngineClient } from '../engine/engineClient';
import { runServer } from './runServer';

const connection = createConnection(ProposedFeatures.all);
const newEngine = (): EngineClient =>
  new EngineClient({
    workerScript: join(__dirname, 'engineWorker.js'),
    onTrouble: (message) => {
      connection.console.error(message);
    },
  });
// Tests of statistics read whole files and networks run long; on engines of their own they keep nobody waiting.
runServer(connection, {
  foreground: newEngine(),
  background: newEngine(),
  measuring: newEngine(),
});
connection.listen();
