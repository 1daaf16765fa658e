import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { ModelState } from '../../protocol/lsp';
import type { Listings } from '../listings';
import type { ModelsView } from '../modelsView/modelsView';
import type { OpenModels } from '../openModels';
import type { ServerClient } from '../serverClient';
import { showFailure } from '../showFailure';
import { OverviewEditor } from './overviewEditor';

/** Editor of ONNX files unless the user prefers another, and the one that checkpoints can be reopened with. */
const DEFAULT_VIEW_TYPE = 'fusebn.overview';
const OPTION_VIEW_TYPE = 'fusebn.checkpointOverview';

export interface OverviewServices {
  readonly client: ServerClient;
  readonly models: OpenModels;
  readonly listings: Listings;
  readonly view: ModelsView;
  readonly log: vscode.LogOutputChannel;
}

/** A file with its overview open; the model is followed until the last editor of it is closed. */
interface OverviewDocument extends vscode.CustomDocument {
  /** Null for what is no file on disk, such as the other side of a comparison with an older version. */
  readonly path: string | null;
}

/** Overviews of model files as read-only editors. Nothing is read here: states of the models arrive from the server. */
export class OverviewEditors
  implements vscode.CustomReadonlyEditorProvider<OverviewDocument>, vscode.Disposable
{
  private readonly editors = new Set<OverviewEditor>();
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly services: OverviewServices,
  ) {
    const { models, view } = services;
    const options = { supportsMultipleEditorsPerDocument: true };
    this.subscriptions = vscode.Disposable.from(
      vscode.window.registerCustomEditorProvider(DEFAULT_VIEW_TYPE, this, options),
      vscode.window.registerCustomEditorProvider(OPTION_VIEW_TYPE, this, options),
      models.onDidChange(({ path, state }) => {
        for (const editor of this.editorsOf(path)) editor.update(state);
      }),
      models.onDidTest(({ path, done, total }) => {
        for (const editor of this.editorsOf(path)) editor.show({ kind: 'running', done, total });
      }),
      models.onDidChangeList(() => {
        // A model that the user closes takes its overviews with it.
        for (const editor of [...this.editors]) {
          if (models.get(editor.path) === undefined) editor.close();
        }
      }),
      view.onDidChangeSelection(() => {
        const pair = view.selectedPair;
        if (pair === null) return;
        for (const editor of this.editorsOf(pair.path)) editor.select(pair.id);
      }),
    );
  }

  openCustomDocument(uri: vscode.Uri): OverviewDocument {
    const path = uri.scheme === 'file' ? uri.fsPath : null;
    const visit = path === null ? null : this.services.models.visit(path);
    return {
      uri,
      path,
      dispose: () => {
        visit?.dispose();
      },
    };
  }

  resolveCustomEditor({ uri, path }: OverviewDocument, panel: vscode.WebviewPanel): void {
    const { client, models, log } = this.services;
    const state = path === null ? notOnDisk(uri) : (models.get(path)?.state ?? reading);
    const shownPath = path ?? uri.path;
    const editor = new OverviewEditor(panel, client, shownPath, state, this.extensionUri, {
      onReveal: (layer, id) => this.reveal(shownPath, layer, id),
      onRetry: () => {
        if (path !== null) models.refresh(path);
      },
      onFailure: (error) => {
        showFailure(error, log, basename(uri.path));
      },
    });
    if (path === null) return;
    this.editors.add(editor);
    editor.onDidDispose(() => {
      this.editors.delete(editor);
    });
  }

  /** Opens the overview of a model, whatever editor its file has by default. */
  async show(path: string): Promise<void> {
    const viewType = /\.onnx$/i.test(path) ? DEFAULT_VIEW_TYPE : OPTION_VIEW_TYPE;
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(path), viewType);
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private editorsOf(path: string): readonly OverviewEditor[] {
    return [...this.editors].filter((editor) => editor.path === path);
  }

  private async reveal(path: string, layer: string, id: string | null): Promise<void> {
    const { listings, view } = this.services;
    await listings.revealBeside(path, layer);
    if (id !== null && view.isVisible) await view.showPair(path, id, { takesFocus: false });
  }
}

const reading: ModelState = { kind: 'reading' };

function notOnDisk({ scheme }: vscode.Uri): ModelState {
  const message = vscode.l10n.t(
    'Only files on disk can be read in place; this document comes from “{0}”.',
    scheme,
  );
  return { kind: 'failed', code: 'NOT_ON_DISK', message };
}
