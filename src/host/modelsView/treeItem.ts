import * as vscode from 'vscode';
import { batchNormLabel } from '../../core/wording/batchNormLabel';
import { convSummary } from '../../core/wording/convSummary';
import { foundParts } from '../../core/wording/findingText';
import type { PairReport } from '../../protocol/reports';
import { hasPictures, modelItem } from './modelItem';
import {
  pairsBelow,
  UNPAIRED_GROUP,
  type GroupNode,
  type ModelNode,
  type PairNode,
  type UnpairedNode,
} from './modelNodes';

/** Groups of more pairs start collapsed, so that a large network opens as an overview. */
const MAX_EXPANDED_PAIRS = 60;

const verdictIcons: Readonly<Record<PairReport['verdict'] | 'confirmed', vscode.ThemeIcon>> = {
  fusable: new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed')),
  confirmed: new vscode.ThemeIcon('pass-filled', new vscode.ThemeColor('testing.iconPassed')),
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
      return vscode.l10n.t('Norms without a convolution');
    default:
      return label;
  }
}

function pairItem(node: PairNode): vscode.TreeItem {
  const { model, label, pair, isChoosable } = node;
  const item = new vscode.TreeItem(label);
  item.id = `${model.path}#pair#${pair.id}`;
  item.description = pairDescription(pair);
  item.iconPath = pairIcon(pair);
  item.contextValue = pairContext(node);
  item.accessibilityInformation = { label: `${pair.id}, ${pair.verdict}, ${item.description}` };
  if (isChoosable) item.checkboxState = checkboxState(model.selection.isChosen(pair));
  return item;
}

/** A pair that numbers prove looks surer than one that names suggest. */
function pairIcon({ verdict, statistics }: PairReport): vscode.ThemeIcon {
  const isProved = verdict === 'fusable' && statistics?.says === 'confirms';
  return verdictIcons[isProved ? 'confirmed' : verdict];
}

/** Words that the manifest's menus look for. */
function pairContext({ model: { state }, pair, isChoosable }: PairNode): string {
  const words = ['pair', pair.verdict];
  if (isChoosable) words.push('choosable');
  if (state.kind === 'ready' && hasPictures(state.report)) words.push('pictured');
  if (pair.statistics !== null) words.push('tested');
  return words.join(' ');
}

function pairDescription(pair: PairReport): string {
  const [first] = pair.reasons;
  if (pair.verdict !== 'fusable' && first !== undefined) return first.message;
  const summary = `${convSummary(pair.conv)} + ${batchNormLabel(pair)}`;
  return [summary, ...foundText(pair)].join(' · ');
}

/** What the statistics found, or that only names speak for the pair. */
function foundText({ evidence, statistics }: PairReport): string[] {
  const { t } = vscode.l10n;
  if (statistics?.says !== 'confirms') return evidence === 'names' ? [t('by name')] : [];
  return [t('confirmed'), ...foundParts(statistics, t)];
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
