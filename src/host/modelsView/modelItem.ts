import * as vscode from 'vscode';
import { countsText } from '../../core/wording/countsText';
import type { InspectReport } from '../../protocol/reports';
import type { OpenModel } from '../openModels';
import type { RootNode } from './modelNodes';

/** How a model looks in the view. */
export function modelItem({ model }: RootNode): vscode.TreeItem {
  const item = new vscode.TreeItem(model.name, vscode.TreeItemCollapsibleState.Expanded);
  item.id = model.path;
  item.description = modelDescription(model);
  item.tooltip = modelTooltip(model);
  item.iconPath = modelIcon(model);
  item.contextValue = modelContext(model);
  if (model.state.kind === 'failed') {
    item.collapsibleState = vscode.TreeItemCollapsibleState.None;
  }
  return item;
}

function modelDescription({ state }: OpenModel): string {
  switch (state.kind) {
    case 'reading':
      return vscode.l10n.t('reading…');
    case 'failed':
      return state.message;
    case 'ready': {
      const counts = countsText(state.report.counts, vscode.l10n.t);
      if (state.isTesting) return vscode.l10n.t('{0} · testing statistics…', counts);
      const { confirmed } = state.report.statistics;
      return confirmed === 0 ? counts : vscode.l10n.t('{0} · {1} confirmed', counts, confirmed);
    }
  }
}

/** What the file is and what its statistics say as a whole; plain text, because names come from files. */
function modelTooltip({ path, state }: OpenModel): string {
  if (state.kind === 'failed') return `${path}\n\n${state.message}`;
  if (state.kind === 'reading') return path;
  const { model, counts, statistics } = state.report;
  return [
    path,
    [model.format, ...(model.producer === null ? [] : [model.producer])].join(' · '),
    countsText(counts, vscode.l10n.t),
    '',
    statistics.sentence,
    ...(statistics.activation === null
      ? []
      : [vscode.l10n.t('Activation of nearly all layers (inferred): {0}', statistics.activation)]),
  ].join('\n');
}

/** Words that the manifest's menus look for. */
function modelContext({ state }: OpenModel): string {
  if (state.kind !== 'ready') return 'model';
  const { statistics, pairs } = state.report;
  const words = ['model', 'ready'];
  if (hasPictures(state.report) && pairs.length > 0) words.push('pictured');
  if (state.isTesting) words.push('testing');
  else if (hasPictures(state.report) && statistics.test !== 'full') words.push('untested');
  return words.join(' ');
}

function modelIcon({ state }: OpenModel): vscode.ThemeIcon {
  if (state.kind === 'failed') {
    return new vscode.ThemeIcon('warning', new vscode.ThemeColor('problemsWarningIcon.foreground'));
  }
  const isBusy = state.kind === 'reading' || state.isTesting;
  return new vscode.ThemeIcon(isBusy ? 'loading~spin' : 'circuit-board');
}

/** A listing has no statistics; of every other file they can be shown, after a test where none ran yet. */
export function hasPictures({ statistics }: InspectReport): boolean {
  return statistics.test !== 'no-values';
}
