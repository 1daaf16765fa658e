import * as vscode from 'vscode';
import {
  LanguageClient,
  TransportKind,
  type LanguageClientOptions,
} from 'vscode-languageclient/node';
import { LISTING_SCHEME } from '../protocol/listingUri';
import { commandIds } from '../protocol/commandIds';
import type { ServerOptions } from '../protocol/lsp';

const DEBUG_PORT = 6029;

/** The client of our language server, which runs as a process of its own. It is not started yet. */
export function createLanguageClient(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): LanguageClient {
  const module = context.asAbsolutePath('dist/server.js');
  const transport = TransportKind.ipc;
  const initializationOptions: ServerOptions = {
    translations: translations(),
    cacheFolder: cacheFolder(context),
  };
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: LISTING_SCHEME },
      { scheme: 'file', language: 'torch-module' },
      { scheme: 'untitled', language: 'torch-module' },
    ],
    initializationOptions,
    outputChannel: log,
    markdown: { isTrusted: { enabledCommands: [commandIds.showStatistics] } },
    traceOutputChannel: log,
  };
  const debug = { execArgv: ['--nolazy', `--inspect=${DEBUG_PORT}`] };
  return new LanguageClient(
    'fusebn',
    'FuseBN',
    { run: { module, transport }, debug: { module, transport, options: debug } },
    options,
  );
}

/** Results are those of file contents, so every workspace shares them. */
function cacheFolder({ globalStorageUri }: vscode.ExtensionContext): string | null {
  if (globalStorageUri.scheme !== 'file') return null;
  return vscode.Uri.joinPath(globalStorageUri, 'statistics').fsPath;
}

/** The bundle of the user's language in the plain form the server takes: source string → translation. */
function translations(): ServerOptions['translations'] {
  const bundle = vscode.l10n.bundle;
  return bundle === undefined ? undefined : bundle;
}
