import {
  createMessageConnection,
  ErrorCodes,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
} from 'vscode-jsonrpc/node';
import { runNetworks } from './networkRun';
import { RuntimeFailure } from './runtimeError';
import { runRequest, tapDone } from './runtimeProtocol';

// A process of its own: ONNX Runtime can crash on a strange model, and then only this ends.
const connection = createMessageConnection(
  new IPCMessageReader(process),
  new IPCMessageWriter(process),
);
connection.onRequest(runRequest, async (params) => {
  try {
    return await runNetworks(params, (result) => void connection.sendNotification(tapDone, result));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof RuntimeFailure ? error.code : 'INTERNAL';
    return new ResponseError(ErrorCodes.InternalError, message, { code });
  }
});
connection.onClose(() => process.exit(0));
// A terminal sends Ctrl+C to all processes of a command; what is to be done is for the parent to say.
process.on('SIGINT', () => undefined);
connection.listen();
