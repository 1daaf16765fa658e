import * as vscode from 'vscode';
import { commandIds } from '../../protocol/commandIds';
import { pairDetailsRequest } from '../../protocol/lsp';
import type { OpenModels } from '../openModels';
import type { Grouping } from './groupPairs';
import {
  fillRoot,
  findPairNode,
  rootNode,
  type ModelNode,
  type PairNode,
  type RootNode,
} from './modelNodes';
import { treeItem } from './treeItem';
import type { ServerClient } from '../serverClient';

/** Feeds the view. A model's nodes are built when they are asked for and kept until the model changes. */
export class ModelsTree implements vscode.TreeDataProvider<ModelNode>, vscode.Disposable {
  private readonly roots = new Map<string, RootNode>();
  private readonly treeChanged = new vscode.EventEmitter<ModelNode | undefined>();
  private readonly subscriptions: vscode.Disposable;
  private currentGrouping: Grouping = 'verdict';

  readonly onDidChangeTreeData = this.treeChanged.event;

  constructor(
    private readonly models: OpenModels,
    private readonly client: ServerClient,
  ) {
    this.subscriptions = vscode.Disposable.from(
      models.onDidChange((model) => {
        const root = this.roots.get(model.path);
        if (root === undefined) return;
        fillRoot(root, model, this.currentGrouping);
        this.treeChanged.fire(root);
      }),
      models.onDidChangeList(() => {
        for (const path of this.roots.keys()) {
          if (models.get(path) === undefined) this.roots.delete(path);
        }
        this.treeChanged.fire(undefined);
      }),
    );
  }

  get grouping(): Grouping {
    return this.currentGrouping;
  }

  set grouping(grouping: Grouping) {
    this.currentGrouping = grouping;
    for (const root of this.roots.values()) fillRoot(root, root.model, grouping);
    this.treeChanged.fire(undefined);
  }

  getChildren(node?: ModelNode): ModelNode[] {
    if (node === undefined) {
      return this.models.all.map(({ path }) => this.root(path)).filter(isRoot);
    }
    return 'children' in node ? node.children : [];
  }

  getTreeItem(node: ModelNode): vscode.TreeItem {
    return treeItem(node);
  }

  getParent(node: ModelNode): ModelNode | null {
    return node.parent;
  }

  async resolveTreeItem(
    item: vscode.TreeItem,
    node: ModelNode,
    token: vscode.CancellationToken,
  ): Promise<vscode.TreeItem> {
    if (node.kind !== 'pair') return item;
    const address = { path: node.model.path, id: node.pair.id };
    const details = await this.client.sendRequest(pairDetailsRequest, address, token);
    if (details !== null) {
      const tooltip = new vscode.MarkdownString(details);
      // Names come from the file, so no other command is trusted than the one our own link runs.
      tooltip.isTrusted = { enabledCommands: [commandIds.showStatistics] };
      item.tooltip = tooltip;
    }
    return item;
  }

  root(path: string): RootNode | null {
    const known = this.roots.get(path);
    if (known !== undefined) return known;
    const model = this.models.get(path);
    if (model === undefined) return null;
    const root = rootNode(model);
    fillRoot(root, model, this.currentGrouping);
    this.roots.set(path, root);
    return root;
  }

  pair(path: string, id: string): PairNode | null {
    const root = this.root(path);
    return root === null ? null : findPairNode(root, id);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.treeChanged.dispose();
  }
}

function isRoot(node: RootNode | null): node is RootNode {
  return node !== null;
}
