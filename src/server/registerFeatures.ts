import type { Connection, TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { DocumentViews } from './documentViews';
import { codeActions } from './features/codeActions';
import { codeLenses } from './features/codeLenses';
import { documentSymbols } from './features/documentSymbols';
import { foldingRanges } from './features/foldingRanges';
import { hover } from './features/hover';
import type { ListingView } from './listingView';

/** Serves LSP's own requests on listings. */
export function registerFeatures(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  views: DocumentViews,
): void {
  const over = async <T>(uri: string, feature: (view: ListingView) => T): Promise<T | null> => {
    const document = documents.get(uri);
    if (document === undefined) return null;
    // A model that cannot be read shows its error where it was opened; here it just has nothing to say.
    const view = await views.view(document).catch(() => null);
    return view === null ? null : feature(view);
  };
  connection.onCodeLens(({ textDocument }) => over(textDocument.uri, codeLenses));
  connection.onCodeAction(({ textDocument, range }) =>
    over(textDocument.uri, (view) => codeActions(view, range)),
  );
  connection.onDocumentSymbol(({ textDocument }) => over(textDocument.uri, documentSymbols));
  connection.onFoldingRanges(({ textDocument }) => over(textDocument.uri, foldingRanges));
  connection.onHover(({ textDocument, position }) =>
    over(textDocument.uri, (view) => hover(view, position)),
  );
}
