import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { PairAddress } from '../../protocol/lsp';
import type { OpenModels } from '../openModels';
import { readPolicy } from '../settings';
import type { Grouping } from './groupPairs';
import { pairsBelow, type ModelNode } from './modelNodes';
import { ModelsTree } from './modelsTree';
import { TestProgress } from './testProgress';
import type { ServerClient } from '../serverClient';

const VIEW_ID = 'fusebn.models';
const REVEAL_ATTEMPTS = 5;
const REVEAL_PAUSE_MS = 100;

/** The view in the activity bar: open models, their pairs, and which of them take part in a fuse. */
export class ModelsView implements vscode.Disposable {
  private readonly tree: ModelsTree;
  private readonly view: vscode.TreeView<ModelNode>;
  private readonly subscriptions: vscode.Disposable;

  /** Fires when the user selects something else in the view. */
  readonly onDidChangeSelection: vscode.Event<unknown>;

  constructor(
    private readonly models: OpenModels,
    client: ServerClient,
  ) {
    this.tree = new ModelsTree(models, client);
    this.view = vscode.window.createTreeView(VIEW_ID, {
      treeDataProvider: this.tree,
      showCollapseAll: true,
      manageCheckboxStateManually: true,
    });
    this.onDidChangeSelection = this.view.onDidChangeSelection;
    this.subscriptions = vscode.Disposable.from(
      this.tree,
      new TestProgress(VIEW_ID, this.view, models),
      this.view,
      this.view.onDidChangeCheckboxState(({ items }) => {
        for (const [node, state] of items) this.check(node, state);
      }),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('fusebn.policy')) this.showPolicy();
      }),
    );
    this.showPolicy();
  }

  /** Path of the model that is selected, or whose pair is; null when nothing is. */
  get selectedPath(): string | null {
    return this.view.selection[0]?.model.path ?? null;
  }

  /** The pair that is selected; null when something else or nothing is. */
  get selectedPair(): PairAddress | null {
    const [node] = this.view.selection;
    return node?.kind === 'pair' ? { path: node.model.path, id: node.pair.id } : null;
  }

  get isVisible(): boolean {
    return this.view.visible;
  }

  group(grouping: Grouping): void {
    this.tree.grouping = grouping;
    void vscode.commands.executeCommand('setContext', 'fusebn.grouping', grouping);
  }

  /** Brings the view to the front with a model selected. @throws when the model cannot be read. */
  async showModel(path: string): Promise<void> {
    this.models.open(path);
    await vscode.commands.executeCommand(`${VIEW_ID}.focus`);
    await vscode.window.withProgress({ location: { viewId: VIEW_ID } }, () =>
      this.models.ready(path),
    );
    await this.reveal(() => this.tree.root(path));
  }

  /** Selects a pair in the view. @throws when the model cannot be read. */
  async showPair(path: string, id: string, { takesFocus = true } = {}): Promise<void> {
    await this.models.ready(path);
    await this.reveal(() => this.tree.pair(path, id), takesFocus);
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  /** Selects a node. While the tree is being drawn VS Code may not know the node yet, so it is asked again. */
  private async reveal(find: () => ModelNode | null, focus = true): Promise<void> {
    for (let attempt = 0; attempt < REVEAL_ATTEMPTS; attempt++) {
      const node = find();
      if (node === null) return;
      try {
        await this.view.reveal(node, { select: true, focus, expand: true });
        return;
      } catch {
        // The view is in front all the same: nothing but the selection is missing.
        await setTimeout(REVEAL_PAUSE_MS);
      }
    }
  }

  private check(node: ModelNode, state: vscode.TreeItemCheckboxState): void {
    const ids = pairsBelow(node)
      .filter(({ isChoosable }) => isChoosable)
      .map(({ pair }) => pair.id);
    const isChosen = state === vscode.TreeItemCheckboxState.Checked;
    this.models.choose(node.model.path, ids, isChosen);
  }

  private showPolicy(): void {
    this.view.description = vscode.l10n.t('policy {0}', readPolicy());
  }
}
