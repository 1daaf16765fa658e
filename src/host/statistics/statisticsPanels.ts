import { basename } from 'node:path';
import * as vscode from 'vscode';
import { decodeKeptStatistics } from '../../protocol/decodeStatisticsView';
import { stopStatisticsNotification, testStatisticsRequest } from '../../protocol/lsp';
import type { Listings } from '../listings';
import type { ModelsView } from '../modelsView/modelsView';
import type { OpenModels } from '../openModels';
import type { ServerClient } from '../serverClient';
import { isCancelled, showFailure } from '../showFailure';
import { STATISTICS_VIEW_TYPE, StatisticsPanel } from './statisticsPanel';

export interface StatisticsServices {
  readonly client: ServerClient;
  readonly models: OpenModels;
  readonly listings: Listings;
  readonly view: ModelsView;
  readonly log: vscode.LogOutputChannel;
}

/** The statistics pages that are open, one for each model, and the tests they stand on. */
export class StatisticsPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly panels = new Map<string, StatisticsPanel>();
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly services: StatisticsServices,
  ) {
    const { models, view } = services;
    this.subscriptions = vscode.Disposable.from(
      vscode.window.registerWebviewPanelSerializer(STATISTICS_VIEW_TYPE, this),
      models.onDidChange((model) => {
        // Between two readings a page keeps what it shows.
        if (model.state.kind === 'ready') this.panels.get(model.path)?.update(model);
      }),
      models.onDidTest(({ path, done, total }) => {
        this.panels.get(path)?.show({ kind: 'running', done, total });
      }),
      view.onDidChangeSelection(() => {
        const pair = view.selectedPair;
        if (pair !== null) this.panels.get(pair.path)?.select(pair.id);
      }),
    );
  }

  /** Shows a pair's picture; without an id that of the pair most worth a look. @throws when the model cannot be read. */
  async show(path: string, id: string | null = null): Promise<void> {
    const { report } = await this.services.models.ready(path);
    const worth = report.pairs.find(({ statistics }) => statistics?.says === 'contradicts');
    const shown = id ?? (worth ?? report.pairs[0])?.id;
    if (shown === undefined) {
      const name = basename(path);
      void vscode.window.showInformationMessage(
        vscode.l10n.t('{0} has no pair whose statistics could be shown.', name),
      );
      return;
    }
    const known = this.panels.get(path);
    if (known === undefined) {
      this.add(createPanel(), path, shown);
    } else {
      known.select(shown);
      known.reveal();
    }
  }

  /** Runs the test of a model; the view tells how far it is. @throws when the test fails. */
  async test(path: string): Promise<void> {
    const { client, models } = this.services;
    await models.ready(path);
    try {
      await client.sendRequest(testStatisticsRequest, { path });
    } catch (error) {
      if (!isCancelled(error)) throw error;
    }
  }

  stop(path: string): void {
    this.services.client.sendNotification(stopStatisticsNotification, { path });
  }

  /** Brings a page back that was there before the window was reloaded. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const kept = decodeKeptStatistics(state);
    const model = kept && (await this.services.models.ready(kept.path).catch(() => null));
    // Kept by another version, or the model is gone: its place stays empty otherwise.
    if (kept === null || model === null) panel.dispose();
    else this.add(panel, kept.path, kept.id);
  }

  dispose(): void {
    this.subscriptions.dispose();
    for (const panel of [...this.panels.values()]) panel.dispose();
  }

  private add(webviewPanel: vscode.WebviewPanel, path: string, id: string): void {
    const { client, models, log } = this.services;
    const model = models.open(path);
    const onFailure = (error: unknown): void => {
      showFailure(error, log, basename(path));
    };
    const panel = new StatisticsPanel(webviewPanel, client, model, id, this.extensionUri, {
      onReveal: (pair) => this.revealPair(path, pair),
      onTest: () => this.test(path),
      onStop: () => {
        this.stop(path);
      },
      onFailure,
    });
    panel.update(model);
    this.panels.set(path, panel);
    panel.onDidDispose(() => {
      if (this.panels.get(path) === panel) this.panels.delete(path);
    });
  }

  private async revealPair(path: string, id: string): Promise<void> {
    const { models, listings, view } = this.services;
    const { report } = await models.ready(path);
    const layer = report.pairs.find((pair) => pair.id === id)?.conv.name ?? id;
    await listings.revealBeside(path, layer);
    await view.showPair(path, id, { takesFocus: false });
  }
}

function createPanel(): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel(STATISTICS_VIEW_TYPE, '', vscode.ViewColumn.Active);
}
