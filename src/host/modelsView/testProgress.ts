import * as vscode from 'vscode';
import type { OpenModel, OpenModels } from '../openModels';

/**
 * VS Code draws a view, its rows and its message, only once 200 ms have passed without news of either, so figures
 * come slower than that. Tests that are done before the first of them move no row for a message.
 */
const MESSAGE_INTERVAL_MS = 1000;

/** Says in the view how far statistical tests are: a bar while any runs, and a line with figures above the tree. */
export class TestProgress implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable;
  /** Ends the bar; null while no test runs. */
  private endBar: (() => void) | null = null;
  /** Percents by path of the model. */
  private readonly percents = new Map<string, number>();
  /** Runs while figures wait to be shown. */
  private timer: NodeJS.Timeout | undefined;

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
        this.percents.set(path, total > 0 ? Math.floor((100 * done) / total) : 0);
        this.update();
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
    clearTimeout(this.timer);
    this.endBar?.();
  }

  private update(): void {
    const tested = this.testedModels();
    for (const path of this.percents.keys()) {
      if (tested.every((model) => model.path !== path)) this.percents.delete(path);
    }
    if (tested.length === 0) this.end();
    else this.go();
  }

  private go(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.showMessage();
    }, MESSAGE_INTERVAL_MS);
    if (this.endBar !== null) return;
    void vscode.window.withProgress({ location: { viewId: this.viewId } }, () => {
      return new Promise<void>((resolve) => {
        this.endBar = resolve;
      });
    });
  }

  private end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.view.message = '';
    this.endBar?.();
    this.endBar = null;
  }

  private showMessage(): void {
    const lines = this.testedModels().flatMap(({ path, name }) => {
      const percent = this.percents.get(path);
      // A model without figures waits for another one.
      return percent === undefined ? [] : [vscode.l10n.t('{0}: {1} %', name, percent)];
    });
    this.view.message = [vscode.l10n.t('Testing statistics…'), ...lines].join(' ');
  }

  private testedModels(): readonly OpenModel[] {
    return this.models.all.filter(({ state }) => state.kind === 'ready' && state.isTesting);
  }
}
