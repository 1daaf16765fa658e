import * as vscode from 'vscode';
import { pairAtRequest, type PairAddress } from '../../protocol/lsp';
import { modelPathOf } from '../modelFiles';
import type { ModelsView } from '../modelsView/modelsView';
import type { ServerClient } from '../serverClient';

/** The pair the user is looking at: under the cursor of a listing, else selected in the view; null when there is none. */
export async function pairInFront(
  client: ServerClient,
  view: ModelsView,
): Promise<PairAddress | null> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || modelPathOf(editor.document.uri) === null) return view.selectedPair;
  const place = { uri: editor.document.uri.toString(), line: editor.selection.active.line };
  return client.sendRequest(pairAtRequest, place);
}
