import * as l10n from '@vscode/l10n';
import { convSummary } from '../../core/wording/convSummary';
import { shortNumber } from '../../core/wording/shortNumber';
import type { PairReport } from '../../protocol/reports';
import { escapeMarkdown } from './escapeMarkdown';
import { epsSourceWord } from './pairHeadline';

/** Everything known of a pair as Markdown: a table of facts, then the reasons. Shown on hover and in the view's tooltip. */
export function pairDetails(pair: PairReport): string {
  const { conv, bn } = pair;
  const title = `**${verdictWord(pair)}** · ${escapeMarkdown(conv.name)} + ${escapeMarkdown(bn.name)}`;
  const facts = [
    [l10n.t('convolution'), convSummary(conv)],
    [l10n.t('weight'), `${conv.weight} [${conv.shape.join(', ')}] ${layoutWord(pair)}`],
    [l10n.t('bias'), conv.hasBias ? l10n.t('yes') : l10n.t('none, one is added')],
    [l10n.t('BatchNorm'), l10n.t('{0}, {1} channels', bn.type, bn.channels)],
    ['eps', `${shortNumber(bn.eps)} (${epsSourceWord(bn.epsSource)})`],
    [l10n.t('known by'), evidenceSentence(pair)],
    ...statisticsFacts(pair),
  ];
  const rows = facts.map(([name, value]) => `| ${cell(name)} | ${cell(value)} |`);
  const reasons = pair.reasons.map(({ message }) => `- ${escapeMarkdown(message)}`);
  return [title, '', '| | |', '|:--|:--|', ...rows, '', ...reasons].join('\n').trimEnd();
}

function verdictWord({ verdict }: PairReport): string {
  switch (verdict) {
    case 'fusable':
      return l10n.t('fusable');
    case 'skipped':
      return l10n.t('skipped');
    case 'blocked':
      return l10n.t('blocked');
  }
}

function layoutWord({ conv }: PairReport): string {
  switch (conv.layout) {
    case '*IO':
      return l10n.t('layout of spconv 1');
    case 'O*I':
    case 'IO-flat':
      return l10n.t('layout of spconv 2');
    default:
      return '';
  }
}

function evidenceSentence({ evidence }: PairReport): string {
  switch (evidence) {
    case 'graph':
      return l10n.t('data flow in the file');
    case 'modules':
      return l10n.t('module tree in the file');
    case 'names':
      return l10n.t('names only: what stands between is not in the file');
  }
}

function statisticsFacts({ statistics }: PairReport): string[][] {
  if (statistics === null) return [];
  const share = Math.round(statistics.negativeMeans * 100);
  const facts = [
    [l10n.t('statistics'), statistics.sentence],
    [l10n.t('negative means'), `${share} %`],
  ];
  if (statistics.from !== null) {
    const fed = statistics.activation ?? 'none';
    const from = fed === 'none' ? statistics.from : `${fed}(${statistics.from})`;
    facts.push([l10n.t('fed by (inferred)'), from]);
  }
  return facts;
}

function cell(text: string | undefined): string {
  return escapeMarkdown(text ?? '').replaceAll('\n', ' ');
}
