import * as vscode from 'vscode';
import { LISTING_SCHEME, listingUri, type ListingVariant } from '../protocol/listingUri';
import { listingRequest, locateRequest } from '../protocol/lsp';
import type { OpenModels } from './openModels';
import type { ServerClient } from './serverClient';

/** Serves listings as read-only documents, and shows them. */
export class Listings implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  /** Why a listing could not be made, by URI. */
  private readonly failures = new Map<string, Error>();
  /** Languages as the server says them, by URI; a file's extension does not always tell. */
  private readonly languages = new Map<string, string>();
  private readonly subscriptions: vscode.Disposable;

  readonly onDidChange = this.changed.event;

  constructor(
    private readonly client: ServerClient,
    private readonly models: OpenModels,
  ) {
    this.subscriptions = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(LISTING_SCHEME, this),
      vscode.workspace.onDidOpenTextDocument((document) => this.setLanguage(document)),
      models.onDidChange(({ path, state }) => {
        if (state.kind === 'reading') return;
        this.changed.fire(uriOf(path, 'original'));
        this.changed.fire(uriOf(path, 'fused'));
      }),
    );
  }

  async provideTextDocumentContent(
    uri: vscode.Uri,
    token: vscode.CancellationToken,
  ): Promise<string> {
    const key = uri.toString();
    try {
      const listing = await this.client.sendRequest(listingRequest, { uri: key }, token);
      this.failures.delete(key);
      this.languages.set(key, listing.language);
      return listing.text;
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown : new Error(String(thrown));
      this.failures.set(key, failure);
      // The tab may have been restored for a file that is gone: it says so instead of staying empty.
      return `# ${failure.message}\n`;
    }
  }

  /** Opens a model's listing in an editor. @throws when the model cannot be read. */
  async show(path: string, variant: ListingVariant = 'original'): Promise<vscode.TextEditor> {
    return vscode.window.showTextDocument(await this.document(path, variant), { preview: false });
  }

  /** Shows two listings side by side. @throws when one of the models cannot be read. */
  async compare(before: ListingSource, after: ListingSource, title: string): Promise<void> {
    const left = await this.document(before.path, before.variant);
    const right = await this.document(after.path, after.variant);
    await vscode.commands.executeCommand('vscode.diff', left.uri, right.uri, title);
  }

  /** Opens a model's listing with a layer selected. */
  async reveal(path: string, layer: string): Promise<void> {
    await this.select(await this.document(path, 'original'), layer, { preview: false });
  }

  /** The same without taking the focus: where the listing is on the screen, else beside the active editor. */
  async revealBeside(path: string, layer: string): Promise<void> {
    const document = await this.document(path, 'original');
    const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
    const viewColumn = shown?.viewColumn ?? vscode.ViewColumn.Beside;
    await this.select(document, layer, { preview: false, preserveFocus: true, viewColumn });
  }

  private async select(
    document: vscode.TextDocument,
    layer: string,
    options: vscode.TextDocumentShowOptions,
  ): Promise<void> {
    const uri = document.uri.toString();
    const location = await this.client.sendRequest(locateRequest, { uri, name: layer });
    if (location === null) {
      await vscode.window.showTextDocument(document, options);
      return;
    }
    const { line, column, length } = location;
    const selection = new vscode.Range(line, column, line, column + length);
    const editor = await vscode.window.showTextDocument(document, { ...options, selection });
    editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changed.dispose();
  }

  private async document(path: string, variant: ListingVariant): Promise<vscode.TextDocument> {
    this.models.open(path);
    const uri = uriOf(path, variant);
    const document = await vscode.workspace.openTextDocument(uri);
    const failure = this.failures.get(uri.toString());
    if (failure !== undefined) throw failure;
    return this.setLanguage(document);
  }

  private async setLanguage(document: vscode.TextDocument): Promise<vscode.TextDocument> {
    const language = this.languages.get(document.uri.toString());
    if (language === undefined || document.languageId === language) return document;
    return vscode.languages.setTextDocumentLanguage(document, language);
  }
}

export interface ListingSource {
  readonly path: string;
  readonly variant: ListingVariant;
}

function uriOf(modelPath: string, variant: ListingVariant): vscode.Uri {
  return vscode.Uri.parse(listingUri({ modelPath, variant }));
}
