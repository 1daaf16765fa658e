import * as vscode from 'vscode';
import { modelPathOf } from './modelFiles';
import type { ModelsView } from './modelsView/modelsView';
import type { OpenModel, OpenModels } from './openModels';

/** The model the user is looking at: that of the active tab, else the one selected in the view. */
export class ActiveModel implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;

  /** Fires when another model, or none, may be active now. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly models: OpenModels,
    private readonly view: ModelsView,
  ) {
    const fire = (): void => {
      this.changed.fire();
    };
    this.subscriptions = vscode.Disposable.from(
      vscode.window.tabGroups.onDidChangeTabs(fire),
      vscode.window.tabGroups.onDidChangeTabGroups(fire),
      view.onDidChangeSelection(fire),
      models.onDidChange(fire),
      models.onDidChangeList(fire),
    );
  }

  /** Path of the model file in front of the user, open in the view or not; null when there is none. */
  get path(): string | null {
    const uri = activeUri();
    return (uri === null ? null : modelPathOf(uri)) ?? this.view.selectedPath;
  }

  /** The same model as far as it has been opened. */
  get model(): OpenModel | null {
    const path = this.path;
    return path === null ? null : (this.models.get(path) ?? null);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changed.dispose();
  }
}

/** What the active tab shows; of a comparison the left side, which is the original. */
function activeUri(): vscode.Uri | null {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) {
    return input.uri;
  }
  return input instanceof vscode.TabInputTextDiff ? input.original : null;
}
