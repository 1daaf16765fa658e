import * as vscode from 'vscode';
import { countsText } from '../core/wording/countsText';
import { commandIds } from '../protocol/commandIds';
import type { ActiveModel } from './activeModel';
import type { OpenModels } from './openModels';

/** One item, there only while a model is active: `53 fusable · 2 skipped · 1 blocked`. */
export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'fusebn.counts',
    vscode.StatusBarAlignment.Right,
  );
  private readonly subscriptions: vscode.Disposable;

  constructor(
    models: OpenModels,
    private readonly active: ActiveModel,
  ) {
    this.item.name = 'FuseBN';
    this.subscriptions = vscode.Disposable.from(
      active.onDidChange(() => {
        this.update();
      }),
      models.onDidChange(() => {
        this.update();
      }),
    );
    this.update();
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.item.dispose();
  }

  private update(): void {
    const model = this.active.model;
    if (model === null || model.state.kind === 'failed') {
      this.item.hide();
      return;
    }
    const { state } = model;
    const icon = state.kind === 'ready' && !state.isTesting ? '$(combine)' : '$(loading~spin)';
    const text =
      state.kind === 'ready'
        ? countsText(state.report.counts, vscode.l10n.t)
        : vscode.l10n.t('reading…');
    this.item.text = `${icon} ${text}`;
    const about = vscode.l10n.t('Pairs of {0}: show them in the FuseBN view', model.name);
    const said = state.kind === 'ready' ? state.report.statistics.sentence : '';
    this.item.tooltip = said === '' ? about : `${about}\n${said}`;
    this.item.accessibilityInformation = { label: `FuseBN: ${text}` };
    this.item.command = {
      command: commandIds.showPairs,
      title: vscode.l10n.t('Show Fusable Pairs'),
      arguments: [model.path],
    };
    this.item.show();
  }
}
