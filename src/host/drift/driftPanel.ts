import { basename } from 'node:path';
import * as vscode from 'vscode';
import { decodeFromDriftView } from '../../protocol/decodeDriftView';
import type { FromDriftView, ToDriftView } from '../../protocol/driftView';
import { PAGES_FOLDER, pageHtml } from '../webviews/pageHtml';
import type { DriftMeasurement } from './driftMeasurement';
import { driftTexts } from './driftTexts';
import { savePicture, saveReport } from './saveDrift';

export const DRIFT_VIEW_TYPE = 'fusebn.drift';

/** What a panel asks of the rest of the extension. */
export interface DriftPanelEvents {
  /** Show a pair of the reference wherever else it is shown. */
  readonly onReveal: (id: string) => Promise<void>;
  readonly onHover: (id: string | null) => void;
  /** Compare the reference with a file the user is to choose. */
  readonly onCompare: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** One drift page in an editor, over one measurement, which is its own. */
export class DriftPanel implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable;
  /** A layer to bring to the front as soon as the page is there. */
  private selected: string | null = null;
  private isReady = false;
  private isDisposed = false;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    readonly measurement: DriftMeasurement,
    extensionUri: vscode.Uri,
    private readonly events: DriftPanelEvents,
  ) {
    const { webview } = panel;
    panel.title = panelTitle(measurement);
    webview.options = {
      enableScripts: true,
      enableForms: false,
      enableCommandUris: false,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, PAGES_FOLDER)],
    };
    this.subscriptions = vscode.Disposable.from(
      measurement,
      measurement.onDidProgress((layers) => {
        const { run, report } = measurement.content;
        this.send({ type: 'progress', run, report, layers });
      }),
      webview.onDidReceiveMessage((message: unknown) => {
        const decoded = decodeFromDriftView(message);
        if (decoded !== null) void this.answer(decoded).catch(events.onFailure);
      }),
      panel.onDidChangeViewState(() => {
        // A hidden page is thrown away; it says when it is there again.
        if (!panel.visible) this.isReady = false;
      }),
      panel.onDidDispose(() => {
        this.isDisposed = true;
        this.subscriptions.dispose();
      }),
    );
    webview.html = pageHtml(webview, extensionUri, 'drift');
  }

  onDidDispose(listener: () => void): void {
    this.panel.onDidDispose(listener);
  }

  /** Brings the panel to the front where it is. */
  reveal(): void {
    this.panel.reveal();
  }

  /** Shows a layer in full, now or as soon as the page is there. */
  select(id: string): void {
    this.selected = id;
    this.send({ type: 'select', id });
  }

  dispose(): void {
    this.panel.dispose();
  }

  private send(message: ToDriftView): void {
    if (this.isReady && !this.isDisposed) void this.panel.webview.postMessage(message);
  }

  private async answer(message: FromDriftView): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.show();
        return;
      case 'reveal':
        return this.events.onReveal(message.id);
      case 'hover':
        this.events.onHover(message.id);
        return;
      case 'detail':
        return this.sendDetail(message.id);
      case 'cancel':
        this.measurement.cancel();
        return;
      case 'run':
        return this.measurement.start();
      case 'compare':
        return this.events.onCompare();
      case 'export':
        return this.export(message);
    }
  }

  private show(): void {
    this.isReady = true;
    const { content, subject } = this.measurement;
    const { reference, candidate } = subject;
    this.send({
      type: 'show',
      content,
      names: {
        reference: basename(reference),
        candidate: candidate === null ? null : basename(candidate),
      },
      texts: driftTexts(),
      selected: this.selected,
    });
    this.selected = null;
  }

  private async sendDetail(id: string): Promise<void> {
    try {
      const detail = await this.measurement.detail(id);
      this.send({ type: 'detail', id, detail, failure: null });
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      this.send({ type: 'detail', id, detail: null, failure });
    }
  }

  private async export(message: Extract<FromDriftView, { type: 'export' }>): Promise<void> {
    const { wholeReport, subject } = this.measurement;
    if (message.format === 'png') await savePicture(subject.reference, message.bytes);
    else if (wholeReport !== null) await saveReport(wholeReport, message.format);
  }
}

function panelTitle({ subject }: DriftMeasurement): string {
  const reference = basename(subject.reference);
  return subject.candidate === null
    ? vscode.l10n.t('Drift: {0}', reference)
    : vscode.l10n.t('Drift: {0} ↔ {1}', reference, basename(subject.candidate));
}
