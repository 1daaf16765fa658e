import * as l10n from '@vscode/l10n';
import type { StatisticsFinding } from '../../core/model/pair';
import { convSummary } from '../../core/wording/convSummary';
import { fedByText, fitText } from '../../core/wording/findingText';
import { shortNumber } from '../../core/wording/shortNumber';
import { commandIds } from '../../protocol/commandIds';
import type { PairReport } from '../../protocol/reports';
import { escapeMarkdown } from './escapeMarkdown';
import { epsSourceWord } from './pairHeadline';

/**
 * Everything known of a pair as Markdown: a table of facts, then the reasons, and a link to the picture of its
 * statistics when there is a file to make one from. Shown on hover and in the view's tooltip.
 */
export function pairDetails(pair: PairReport, path: string | null): string {
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
  const table = [title, '', '| | |', '|:--|:--|', ...rows, '', ...reasons].join('\n').trimEnd();
  const link = pair.statistics === null || path === null ? null : pictureLink(path, pair.id);
  return link === null ? table : `${table}\n\n${link}`;
}

/** The only command a text of ours may run: it shows a picture and changes nothing. */
function pictureLink(path: string, id: string): string {
  const args = encodeURIComponent(JSON.stringify([path, id])).replace(
    /[()']/g,
    (mark) => `%${mark.charCodeAt(0).toString(16)}`,
  );
  return `[${l10n.t('Show the statistics as a picture')}](command:${commandIds.showStatistics}?${args})`;
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
  const fedBy = fedByText(statistics);
  return [
    [l10n.t('statistics'), `${findingWord(statistics)}: ${statistics.sentence}`],
    ...(statistics.fit === null ? [] : [[l10n.t('fit'), fitText(statistics.fit)]]),
    ...(fedBy === null ? [] : [[l10n.t('fed by (inferred)'), fedBy]]),
    [l10n.t('negative means'), `${share} %`],
  ];
}

function findingWord({ says }: StatisticsFinding): string {
  switch (says) {
    case 'confirms':
      return l10n.t('confirmed');
    case 'silent':
      return l10n.t('silent');
    case 'contradicts':
      return l10n.t('contradicted');
  }
}

function cell(text: string | undefined): string {
  return escapeMarkdown(text ?? '').replaceAll('\n', ' ');
}
