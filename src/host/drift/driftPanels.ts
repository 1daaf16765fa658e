import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { DriftReport } from '../../protocol/drift';
import { decodeKeptDrift } from '../../protocol/decodeDriftView';
import type { DriftSubject } from '../../protocol/driftView';
import { pairAtRequest } from '../../protocol/lsp';
import { pickModels } from '../commandTargets';
import type { Listings } from '../listings';
import { modelPathOf } from '../modelFiles';
import type { ModelsView } from '../modelsView/modelsView';
import type { OpenModels } from '../openModels';
import { showFailure } from '../showFailure';
import { DriftMeasurement } from './driftMeasurement';
import { DRIFT_VIEW_TYPE, DriftPanel } from './driftPanel';
import { ListingMark } from './listingMark';
import type { ServerClient } from '../serverClient';

export interface DriftServices {
  readonly client: ServerClient;
  readonly models: OpenModels;
  readonly listings: Listings;
  readonly view: ModelsView;
  readonly log: vscode.LogOutputChannel;
}

/** The drift pages that are open, one for each comparison, and their ties to tree and listings. */
export class DriftPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly panels = new Map<string, DriftPanel>();
  private readonly mark: ListingMark;
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly services: DriftServices,
  ) {
    const { client, view } = services;
    this.mark = new ListingMark(client);
    this.subscriptions = vscode.Disposable.from(
      this.mark,
      vscode.window.registerWebviewPanelSerializer(DRIFT_VIEW_TYPE, this),
      view.onDidChangeSelection(() => {
        const pair = view.selectedPair;
        if (pair !== null) this.select(pair.path, pair.id);
      }),
      vscode.window.onDidChangeTextEditorSelection((change) => void this.onCursor(change)),
    );
  }

  /** Shows a comparison, and measures unless it is measured already. `id` is a layer to show in full, or null. */
  show(subject: DriftSubject, id: string | null = null): void {
    const known = this.panels.get(keyOf(subject));
    const panel = known ?? this.add(createPanel(), subject, null);
    if (id !== null) panel.select(id);
    if (known !== undefined) panel.reveal();
    if (panel.measurement.isStale) void panel.measurement.start();
  }

  /** Brings a page back that was there before the window was reloaded, with what was measured then. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const kept = decodeKeptDrift(state);
    if (kept === null) {
      // Kept by another version; its place stays empty otherwise.
      panel.dispose();
      return Promise.resolve();
    }
    const { measurement } = this.add(panel, kept.subject, kept.report);
    if (kept.report === null) void measurement.start();
    return Promise.resolve();
  }

  dispose(): void {
    this.subscriptions.dispose();
    for (const panel of [...this.panels.values()]) panel.dispose();
  }

  private add(
    webviewPanel: vscode.WebviewPanel,
    subject: DriftSubject,
    report: DriftReport | null,
  ): DriftPanel {
    const { client, log } = this.services;
    const { reference } = subject;
    const onFailure = (error: unknown): void => {
      showFailure(error, log, basename(reference));
    };
    const panel = new DriftPanel(
      webviewPanel,
      new DriftMeasurement(client, subject, report),
      this.extensionUri,
      {
        onReveal: (id) => this.revealPair(reference, id),
        onHover: (id) => void this.hover(reference, id).catch(onFailure),
        onCompare: () => this.compareWithOther(reference),
        onFailure,
      },
    );
    const key = keyOf(subject);
    this.panels.set(key, panel);
    panel.onDidDispose(() => {
      if (this.panels.get(key) === panel) this.panels.delete(key);
    });
    return panel;
  }

  /** Shows a layer in every page about its model, without bringing them to the front. */
  private select(path: string, id: string): void {
    for (const panel of this.panels.values()) {
      if (panel.measurement.subject.reference === path) panel.select(id);
    }
  }

  private async revealPair(path: string, id: string): Promise<void> {
    const { models, listings, view } = this.services;
    const { report } = await models.ready(path);
    const layer = report.pairs.find((pair) => pair.id === id)?.conv.name ?? id;
    await listings.revealBeside(path, layer);
    await view.showPair(path, id, { takesFocus: false });
  }

  private async hover(path: string, id: string | null): Promise<void> {
    const state = this.services.models.get(path)?.state;
    const pairs = state?.kind === 'ready' ? state.report.pairs : [];
    const layer = pairs.find((pair) => pair.id === id)?.conv.name ?? null;
    await this.mark.show(path, layer);
  }

  private async compareWithOther(reference: string): Promise<void> {
    const [candidate] = await pickModels({
      isOne: true,
      title: vscode.l10n.t('Compare with Another File…'),
      openLabel: vscode.l10n.t('Compare'),
    });
    if (candidate !== undefined) this.show({ reference, candidate });
  }

  /** The cursor of a listing went to a layer by the user's own doing. */
  private async onCursor({
    textEditor,
    selections,
    kind,
  }: vscode.TextEditorSelectionChangeEvent): Promise<void> {
    const { document } = textEditor;
    const path = modelPathOf(document.uri);
    const isWatched = [...this.panels.values()].some(
      ({ measurement }) => measurement.subject.reference === path,
    );
    const isCommand = kind === undefined || kind === vscode.TextEditorSelectionChangeKind.Command;
    const [selection] = selections;
    if (!isWatched || isCommand || selection === undefined) return;
    const place = { uri: document.uri.toString(), line: selection.active.line };
    const pair = await this.services.client.sendRequest(pairAtRequest, place);
    if (pair !== null) this.select(pair.path, pair.id);
  }
}

function createPanel(): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel(DRIFT_VIEW_TYPE, '', vscode.ViewColumn.Active);
}

function keyOf({ reference, candidate }: DriftSubject): string {
  return JSON.stringify([reference, candidate]);
}
