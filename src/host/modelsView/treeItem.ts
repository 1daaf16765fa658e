import * as vscode from 'vscode';
import { batchNormLabel } from '../../core/wording/batchNormLabel';
import { convSummary } from '../../core/wording/convSummary';
import type { PairReport } from '../../protocol/reports';
import { countsText } from '../../core/wording/countsText';
import { statisticsText, untestedText } from '../../core/wording/statisticsText';
import type { OpenModel } from '../openModels';
import {
  pairsBelow,
  UNPAIRED_GROUP,
  type GroupNode,
  type ModelNode,
  type PairNode,
  type RootNode,
  type UnpairedNode,
} from './modelNodes';

/** Groups of more pairs start collapsed, so that a large network opens as an overview. */
const MAX_EXPANDED_PAIRS = 60;

const verdictIcons: Readonly<Record<PairReport['verdict'], vscode.ThemeIcon>> = {
  fusable: new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed')),
  skipped: new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor('testing.iconSkipped')),
  blocked: new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed')),
};

/** How a node looks. Tooltips of pairs are made when somebody hovers over one. */
export function treeItem(node: ModelNode): vscode.TreeItem {
  switch (node.kind) {
    case 'model':
      return modelItem(node);
    case 'group':
      return groupItem(node);
    case 'pair':
      return pairItem(node);
    case 'unpaired':
      return unpairedItem(node);
  }
}

function modelItem({ model }: RootNode): vscode.TreeItem {
  const item = new vscode.TreeItem(model.name, vscode.TreeItemCollapsibleState.Expanded);
  item.id = model.path;
  item.description = modelDescription(model);
  item.tooltip = modelTooltip(model);
  item.iconPath = modelIcon(model);
  item.contextValue = model.state.kind === 'ready' ? 'model ready' : 'model';
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
      return state.isTesting ? vscode.l10n.t('{0} · testing statistics…', counts) : counts;
    }
  }
}

/** Plain text: a path may hold what looks like Markdown. */
function modelTooltip({ path, state }: OpenModel): string {
  switch (state.kind) {
    case 'reading':
      return path;
    case 'failed':
      return `${path}\n\n${state.message}`;
    case 'ready': {
      const { statistics } = state.report;
      const sentence =
        statistics.test === 'full'
          ? statisticsText(statistics, vscode.l10n.t)
          : untestedText(statistics.test, statistics.contradicted, vscode.l10n.t);
      return `${path}\n\n${sentence}`;
    }
  }
}

function modelIcon({ state }: OpenModel): vscode.ThemeIcon {
  if (state.kind === 'failed') {
    return new vscode.ThemeIcon('warning', new vscode.ThemeColor('problemsWarningIcon.foreground'));
  }
  const isBusy = state.kind === 'reading' || state.isTesting;
  return new vscode.ThemeIcon(isBusy ? 'loading~spin' : 'circuit-board');
}

function groupItem(node: GroupNode): vscode.TreeItem {
  const pairs = pairsBelow(node);
  const isSmall = pairs.length <= MAX_EXPANDED_PAIRS && node.id !== UNPAIRED_GROUP;
  const item = new vscode.TreeItem(
    groupLabel(node),
    isSmall ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = `${node.model.path}#${node.id}`;
  item.description = String(pairs.length > 0 ? pairs.length : node.children.length);
  item.contextValue = 'group';
  const choosable = pairs.filter(({ isChoosable }) => isChoosable);
  if (choosable.length > 0) {
    item.checkboxState = checkboxState(
      choosable.every(({ pair }) => node.model.selection.isChosen(pair)),
    );
  }
  return item;
}

function groupLabel({ id, label }: GroupNode): string {
  switch (id) {
    case 'fusable':
      return vscode.l10n.t('Fusable');
    case 'skipped':
      return vscode.l10n.t('Skipped');
    case 'blocked':
      return vscode.l10n.t('Blocked');
    case UNPAIRED_GROUP:
      return vscode.l10n.t('BatchNorms without a convolution');
    default:
      return label;
  }
}

function pairItem({ model, label, pair, isChoosable }: PairNode): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.id = `${model.path}#pair#${pair.id}`;
  item.description = pairDescription(pair);
  item.iconPath = verdictIcons[pair.verdict];
  item.contextValue = `pair ${pair.verdict}${isChoosable ? ' choosable' : ''}`;
  item.accessibilityInformation = { label: `${pair.id}, ${pair.verdict}, ${item.description}` };
  if (isChoosable) item.checkboxState = checkboxState(model.selection.isChosen(pair));
  return item;
}

function pairDescription(pair: PairReport): string {
  const [first] = pair.reasons;
  if (pair.verdict !== 'fusable' && first !== undefined) return first.message;
  const summary = `${convSummary(pair.conv)} + ${batchNormLabel(pair)}`;
  return pair.evidence === 'names' && pair.statistics?.says !== 'confirms'
    ? vscode.l10n.t('{0} · by name', summary)
    : summary;
}

function unpairedItem({ model, unpaired }: UnpairedNode): vscode.TreeItem {
  const item = new vscode.TreeItem(unpaired.bn);
  const sentences = unpaired.reasons.map(({ message }) => message).join('\n');
  item.id = `${model.path}#bn#${unpaired.bn}`;
  item.description = unpaired.reasons[0]?.message ?? '';
  item.tooltip = sentences;
  item.iconPath = new vscode.ThemeIcon('dash', new vscode.ThemeColor('disabledForeground'));
  item.contextValue = 'unpaired';
  return item;
}

function checkboxState(isChecked: boolean): vscode.TreeItemCheckboxState {
  return isChecked ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked;
}
