import type { Connection, TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { DocumentViews } from './documentViews';
import { diagnostics } from './features/diagnostics';
import { withoutReply } from './withoutReply';

/** Typing pauses this long before a text with a printed network is read again. */
const TYPING_PAUSE_MS = 200;

/** Keeps the Problems panel in step with the listings that are open. */
export class DiagnosticsPublisher {
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly connection: Connection,
    private readonly documents: TextDocuments<TextDocument>,
    private readonly views: DocumentViews,
  ) {
    documents.onDidChangeContent(({ document }) => {
      this.schedule(document.uri);
    });
    documents.onDidClose(({ document }) => {
      clearTimeout(this.timers.get(document.uri));
      withoutReply(connection.sendDiagnostics({ uri: document.uri, diagnostics: [] }));
    });
  }

  publishAll(): void {
    for (const uri of this.documents.keys()) this.schedule(uri);
  }

  private schedule(uri: string): void {
    clearTimeout(this.timers.get(uri));
    this.timers.set(
      uri,
      setTimeout(() => {
        this.publish(uri).catch((error: unknown) => {
          this.connection.console.error(
            `the problems of ${uri} could not be found: ${String(error)}`,
          );
        });
      }, TYPING_PAUSE_MS),
    );
  }

  private async publish(uri: string): Promise<void> {
    const document = this.documents.get(uri);
    if (document === undefined) return;
    // A model that cannot be read shows its error where it was opened; there is no line to put it on.
    const view = await this.views.view(document).catch(() => null);
    const isStillOpen = this.documents.get(uri) !== undefined;
    if (!isStillOpen) return;
    const found = view === null ? [] : diagnostics(view);
    withoutReply(this.connection.sendDiagnostics({ uri, diagnostics: found }));
  }
}
