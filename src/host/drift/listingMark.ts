import * as vscode from 'vscode';
import { listingUri } from '../../protocol/listingUri';
import { locateRequest } from '../../protocol/lsp';
import type { ServerClient } from '../serverClient';

/** Shades the line of one layer in the listings on the screen, while the pointer is over it elsewhere. */
export class ListingMark implements vscode.Disposable {
  private readonly decoration = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('editor.rangeHighlightBackground'),
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.rangeHighlightForeground'),
  });
  private latest = 0;

  constructor(private readonly client: ServerClient) {}

  /** Marks a layer of a model, or nothing. Listings are neither opened nor scrolled. */
  async show(path: string, layer: string | null): Promise<void> {
    const turn = ++this.latest;
    const uri = listingUri({ modelPath: path, variant: 'original' });
    const editors = vscode.window.visibleTextEditors.filter(
      ({ document }) => document.uri.toString() === uri,
    );
    if (editors.length === 0) return;
    const location =
      layer === null ? null : await this.client.sendRequest(locateRequest, { uri, name: layer });
    // The pointer may be over another layer by now.
    if (turn !== this.latest) return;
    const lines = location === null ? [] : [new vscode.Range(location.line, 0, location.line, 0)];
    for (const editor of editors) editor.setDecorations(this.decoration, lines);
  }

  dispose(): void {
    this.decoration.dispose();
  }
}
