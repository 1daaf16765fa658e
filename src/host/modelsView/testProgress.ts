import * as vscode from 'vscode';
import type { OpenModels } from '../openModels';

/** Says in the view how far statistical tests are: a bar while any runs, and a line with figures above the tree. */
export class TestProgress implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable;
  /** Ends the bar; null while no test runs. */
  private endBar: (() => void) | null = null;
  /** Percents by path of the model. */
  private readonly percents = new Map<string, number>();

  constructor(
    private readonly viewId: string,
    private readonly view: Pick<vscode.TreeView<unknown>, 'message'>,
    private readonly models: OpenModels,
  ) {
    this.subscriptions = vscode.Disposable.from(
      models.onDidChange(() => {
        this.update();
      }),
      models.onDidChangeList(() => {
        this.update();
      }),
      models.onDidTest(({ path, done, total }) => {
        const percent = total > 0 ? Math.floor((100 * done) / total) : 0;
        if (this.percents.get(path) === percent) return;
        this.percents.set(path, percent);
        this.update();
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.endBar?.();
  }

  private update(): void {
    const tested = this.models.all.filter(({ state }) => state.kind === 'ready' && state.isTesting);
    for (const path of this.percents.keys()) {
      if (tested.every((model) => model.path !== path)) this.percents.delete(path);
    }
    if (tested.length === 0) {
      this.view.message = '';
      this.endBar?.();
      this.endBar = null;
      return;
    }
    const lines = tested.flatMap(({ path, name }) => {
      const percent = this.percents.get(path);
      // A model without figures waits for another one.
      return percent === undefined ? [] : [vscode.l10n.t('{0}: {1} %', name, percent)];
    });
    this.view.message = [vscode.l10n.t('Testing statistics…'), ...lines].join(' ');
    if (this.endBar !== null) return;
    void vscode.window.withProgress({ location: { viewId: this.viewId } }, () => {
      return new Promise<void>((resolve) => {
        this.endBar = resolve;
      });
    });
  }
}
