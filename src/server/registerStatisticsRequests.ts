import type { Connection } from 'vscode-languageserver';
import {
  modelPictureRequest,
  stopStatisticsNotification,
  testStatisticsRequest,
} from '../protocol/lsp';
import { errorReply } from './errorReply';
import type { ModelStore } from './modelStore';

/** Serves the statistical test: running and stopping it, and the pictures it gives. */
export function registerStatisticsRequests(connection: Connection, store: ModelStore): void {
  connection.onRequest(testStatisticsRequest, async ({ path }): Promise<null> => {
    await store.test(path).catch(replyWithError);
    return null;
  });
  connection.onNotification(stopStatisticsNotification, ({ path }) => {
    store.stopTest(path);
  });
  connection.onRequest(modelPictureRequest, ({ path, id }, token) =>
    store.picture(path, id, token).catch(replyWithError),
  );
}

function replyWithError(error: unknown): never {
  throw errorReply(error);
}
