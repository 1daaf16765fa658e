import { basename } from 'node:path';
import * as vscode from 'vscode';
import { decodeFromStatisticsView } from '../../protocol/decodeStatisticsView';
import { modelPictureRequest } from '../../protocol/lsp';
import type {
  FromStatisticsView,
  StatisticsContent,
  TestRun,
  ToStatisticsView,
} from '../../protocol/statisticsView';
import type { OpenModel } from '../openModels';
import type { ServerClient } from '../serverClient';
import { isCancelled } from '../showFailure';
import { PAGES_FOLDER, pageHtml } from '../webviews/pageHtml';
import { statisticsTexts } from './statisticsTexts';

export const STATISTICS_VIEW_TYPE = 'fusebn.statistics';

/** What a panel asks of the rest of the extension. */
export interface StatisticsPanelEvents {
  /** Show a pair wherever else it is shown. */
  readonly onReveal: (id: string) => Promise<void>;
  readonly onTest: () => Promise<void>;
  readonly onStop: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** One page in an editor, with the pictures of one model's pairs. */
export class StatisticsPanel implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable;
  private readonly closing = new vscode.CancellationTokenSource();
  private content: StatisticsContent;
  private run: TestRun = { kind: 'ended' };
  private isReady = false;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly client: ServerClient,
    model: OpenModel,
    private id: string,
    extensionUri: vscode.Uri,
    private readonly events: StatisticsPanelEvents,
  ) {
    const { webview } = panel;
    this.content = contentOf(model);
    panel.title = vscode.l10n.t('Statistics: {0}', basename(model.path));
    webview.options = {
      enableScripts: true,
      enableForms: false,
      enableCommandUris: false,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, PAGES_FOLDER)],
    };
    this.subscriptions = vscode.Disposable.from(
      webview.onDidReceiveMessage((message: unknown) => {
        const decoded = decodeFromStatisticsView(message);
        if (decoded !== null) void this.answer(decoded).catch(events.onFailure);
      }),
      panel.onDidChangeViewState(() => {
        // A hidden page is thrown away; it says when it is there again.
        if (!panel.visible) this.isReady = false;
      }),
      panel.onDidDispose(() => {
        this.closing.cancel();
        this.subscriptions.dispose();
      }),
    );
    webview.html = pageHtml(webview, extensionUri, 'statistics');
  }

  get path(): string {
    return this.content.path;
  }

  onDidDispose(listener: () => void): void {
    this.panel.onDidDispose(listener);
  }

  /** Brings the panel to the front where it is. */
  reveal(): void {
    this.panel.reveal();
  }

  /** Shows a pair, now or as soon as the page is there. */
  select(id: string): void {
    this.id = id;
    this.send({ type: 'select', id });
  }

  /** The model was read or tested anew. */
  update(model: OpenModel): void {
    this.content = contentOf(model);
    this.send({ type: 'content', content: this.content });
    const isTesting = model.state.kind === 'ready' && model.state.isTesting;
    if (isTesting && this.run.kind === 'ended') this.show({ kind: 'running', done: 0, total: 0 });
    if (!isTesting && this.run.kind === 'running') this.show({ kind: 'ended' });
  }

  /** How far the test is. */
  show(run: TestRun): void {
    this.run = run;
    this.send({ type: 'run', run });
  }

  dispose(): void {
    this.panel.dispose();
  }

  private get isClosed(): boolean {
    return this.closing.token.isCancellationRequested;
  }

  private send(message: ToStatisticsView): void {
    if (this.isReady && !this.isClosed) void this.panel.webview.postMessage(message);
  }

  private async answer(message: FromStatisticsView): Promise<void> {
    switch (message.type) {
      case 'ready': {
        this.isReady = true;
        const { content, run, id } = this;
        this.send({ type: 'show', content, run, id, texts: statisticsTexts() });
        return;
      }
      case 'picture':
        this.id = message.id;
        return this.sendPicture(message.id);
      case 'reveal':
        return this.events.onReveal(message.id);
      case 'test':
        return this.events.onTest();
      case 'stop':
        this.events.onStop();
    }
  }

  private async sendPicture(id: string): Promise<void> {
    const pair = { path: this.path, id };
    try {
      const picture = await this.client.sendRequest(modelPictureRequest, pair, this.closing.token);
      this.send({ type: 'picture', id, picture, failure: null });
    } catch (error) {
      if (this.isClosed) return;
      const sentence = error instanceof Error ? error.message : String(error);
      const failure = isCancelled(error) ? statisticsTexts().stopped : sentence;
      this.send({ type: 'picture', id, picture: null, failure });
    }
  }
}

function contentOf({ path, name, state }: OpenModel): StatisticsContent {
  if (state.kind !== 'ready') return { path, name, pairs: [], sentence: '' };
  const { pairs, statistics } = state.report;
  return {
    path,
    name,
    sentence: statistics.sentence,
    pairs: pairs.map(({ id, conv, bn, verdict, statistics: finding }) => ({
      id,
      conv: conv.name,
      bn: bn.name,
      channels: bn.channels,
      verdict,
      finding: finding && { says: finding.says, fit: finding.fit, sentence: finding.sentence },
    })),
  };
}
