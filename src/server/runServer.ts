import * as l10n from '@vscode/l10n';
import {
  CodeActionKind,
  CodeLensRefreshRequest,
  DidChangeConfigurationNotification,
  FoldingRangeRefreshRequest,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeResult,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import type { ServerOptions } from '../protocol/lsp';
import { modelStateNotification, statisticsProgressNotification } from '../protocol/lsp';
import { decodeSettings, type Settings } from '../protocol/settings';
import { DiagnosticsPublisher } from './diagnosticsPublisher';
import { DocumentViews } from './documentViews';
import type { ServerEngines } from './engines';
import { ModelStore } from './modelStore';
import { registerDriftRequests } from './registerDriftRequests';
import { registerFeatures } from './registerFeatures';
import { registerModelRequests } from './registerModelRequests';
import { registerStatisticsRequests } from './registerStatisticsRequests';
import { withoutReply } from './withoutReply';

const capabilities: InitializeResult['capabilities'] = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  codeLensProvider: { resolveProvider: false },
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  hoverProvider: true,
  documentSymbolProvider: true,
  foldingRangeProvider: true,
};

/**
 * Wires the language server onto a connection. The caller listens on it; the engines are the server's own from now
 * on. `onStart` hears what the host says at start, before any engine is asked.
 */
export function runServer(
  connection: Connection,
  engines: ServerEngines,
  onStart: (options: ServerOptions) => void = () => undefined,
): void {
  const documents = new TextDocuments(TextDocument);
  const settingsOf = async (path: string): Promise<Settings> => {
    const scope = path === '' ? {} : { scopeUri: URI.file(path).toString() };
    const section = { ...scope, section: 'fusebn' };
    return decodeSettings(await connection.workspace.getConfiguration(section));
  };
  const store = new ModelStore(engines, settingsOf, {
    onState: (path, state) => {
      withoutReply(connection.sendNotification(modelStateNotification, { path, state }));
    },
    onTestProgress: (path, { done, total }) => {
      const progress = { path, done, total };
      withoutReply(connection.sendNotification(statisticsProgressNotification, progress));
    },
    onChange: () => {
      refresh();
    },
  });
  const views = new DocumentViews(store, settingsOf);
  const publisher = new DiagnosticsPublisher(connection, documents, views);
  const refresh = (): void => {
    withoutReply(connection.sendRequest(CodeLensRefreshRequest.type));
    withoutReply(connection.sendRequest(FoldingRangeRefreshRequest.type));
    publisher.publishAll();
  };

  connection.onInitialize(
    ({ initializationOptions }: { initializationOptions?: ServerOptions }) => {
      if (initializationOptions !== undefined) onStart(initializationOptions);
      const translations = initializationOptions?.translations;
      if (translations !== undefined) l10n.config({ contents: { ...translations } });
      return { capabilities };
    },
  );
  connection.onInitialized(() => {
    withoutReply(connection.client.register(DidChangeConfigurationNotification.type, undefined));
  });
  connection.onDidChangeConfiguration(async () => {
    views.forgetAll();
    await store.settingsChanged();
    refresh();
  });
  connection.onShutdown(() => {
    store.dispose();
    engines.foreground.dispose();
    engines.background.dispose();
    engines.measuring.dispose();
  });
  registerFeatures(connection, documents, views);
  registerModelRequests(connection, {
    store,
    views,
    engine: engines.foreground,
    documents,
    settingsOf,
  });
  registerStatisticsRequests(connection, store);
  registerDriftRequests(connection, { engine: engines.measuring, settingsOf });
  documents.onDidClose(({ document }) => {
    views.forget(document.uri);
  });
  documents.listen(connection);
}
