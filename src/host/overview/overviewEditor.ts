import { basename } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../protocol/commandIds';
import { decodeFromOverviewView } from '../../protocol/decodeOverviewView';
import { modelSurroundingsRequest, type ModelState } from '../../protocol/lsp';
import type {
  FromOverviewView,
  OverviewContent,
  ToOverviewView,
} from '../../protocol/overviewView';
import type { TestRun } from '../../protocol/statisticsView';
import type { ServerClient } from '../serverClient';
import { PAGES_FOLDER, pageHtml } from '../webviews/pageHtml';
import { overviewContent } from './overviewContent';
import { overviewTexts } from './overviewTexts';

/** What an editor asks of the rest of the extension. */
export interface OverviewEvents {
  /** Show a layer in the structure; `id` is its pair, if it belongs to one. */
  readonly onReveal: (layer: string, id: string | null) => Promise<void>;
  readonly onRetry: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** The page of one overview, over a file that its owner follows. */
export class OverviewEditor {
  private readonly closing = new vscode.CancellationTokenSource();
  private content: OverviewContent;
  private run: TestRun = { kind: 'ended' };
  private isReady = false;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly client: ServerClient,
    readonly path: string,
    state: ModelState,
    extensionUri: vscode.Uri,
    private readonly events: OverviewEvents,
  ) {
    const { webview } = panel;
    this.content = overviewContent(basename(path), state);
    this.run = runOf(state);
    webview.options = {
      enableScripts: true,
      enableForms: false,
      enableCommandUris: false,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, PAGES_FOLDER)],
    };
    const subscriptions = vscode.Disposable.from(
      webview.onDidReceiveMessage((message: unknown) => {
        const decoded = decodeFromOverviewView(message);
        if (decoded !== null) void this.answer(decoded).catch(events.onFailure);
      }),
      panel.onDidChangeViewState(() => {
        // A hidden page is thrown away; it says when it is there again.
        if (!panel.visible) this.isReady = false;
      }),
      panel.onDidDispose(() => {
        this.closing.cancel();
        subscriptions.dispose();
      }),
    );
    webview.html = pageHtml(webview, extensionUri, 'overview');
  }

  onDidDispose(listener: () => void): void {
    this.panel.onDidDispose(listener);
  }

  close(): void {
    this.panel.dispose();
  }

  /** The file was read, or tested, anew. Between two readings the page keeps what it shows. */
  update(state: ModelState): void {
    this.show(runOf(state));
    if (state.kind === 'reading' && this.content.state.kind === 'ready') return;
    this.content = overviewContent(this.content.name, state);
    this.send({ type: 'content', content: this.content });
  }

  /** How far the statistical test is. */
  show(run: TestRun): void {
    if (run.kind === 'ended' && this.run.kind === 'ended') return;
    this.run = run;
    this.send({ type: 'run', run });
  }

  /** Brings a pair to the front. */
  select(id: string): void {
    this.send({ type: 'select', id });
  }

  private get isClosed(): boolean {
    return this.closing.token.isCancellationRequested;
  }

  private send(message: ToOverviewView): void {
    if (this.isReady && !this.isClosed) void this.panel.webview.postMessage(message);
  }

  private async answer(message: FromOverviewView): Promise<void> {
    const { path } = this;
    switch (message.type) {
      case 'ready': {
        this.isReady = true;
        const { content, run } = this;
        this.send({ type: 'show', content, run, texts: overviewTexts() });
        return;
      }
      case 'retry':
        this.events.onRetry();
        return;
      case 'surroundings':
        return this.sendSurroundings(message.id);
      case 'reveal':
        return this.events.onReveal(message.layer, message.id);
      case 'fuse':
        return run(commandIds.fuse, path);
      case 'structure':
        return run(commandIds.showStructure, path);
      case 'drift':
        return run(commandIds.showDrift, path);
      case 'statistics':
        return run(commandIds.showStatistics, path);
      case 'test':
        return run(commandIds.testStatistics, path);
      case 'stop':
        return run(commandIds.stopStatistics, path);
      case 'fusePair':
        return run(commandIds.fusePair, path, message.id);
      case 'pairDrift':
        return run(commandIds.showDrift, path, message.id);
      case 'pairStatistics':
        return run(commandIds.showStatistics, path, message.id);
    }
  }

  private async sendSurroundings(id: string): Promise<void> {
    const pair = { path: this.path, id };
    try {
      const surroundings = await this.client.sendRequest(
        modelSurroundingsRequest,
        pair,
        this.closing.token,
      );
      this.send({ type: 'surroundings', id, surroundings, failure: null });
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      this.send({ type: 'surroundings', id, surroundings: null, failure });
    }
  }
}

async function run(command: string, ...args: readonly string[]): Promise<void> {
  await vscode.commands.executeCommand(command, ...args);
}

function runOf(state: ModelState): TestRun {
  const isTesting = state.kind === 'ready' && state.isTesting;
  return isTesting ? { kind: 'running', done: 0, total: 0 } : { kind: 'ended' };
}
