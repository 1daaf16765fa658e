import * as l10n from '@vscode/l10n';
import type { CodeLens, Range } from 'vscode-languageserver-types';
import { commandIds } from '../../protocol/commandIds';
import type { StatisticsFinding } from '../../core/model/pair';
import type { InspectReport, PairReport } from '../../protocol/reports';
import { isLocked } from '../lockedPairs';
import { pairPlace, shownPairs, type ListingView } from '../listingView';
import { countsText } from '../../core/wording/countsText';
import { foundParts } from '../../core/wording/findingText';
import { pairHeadline } from '../wording/pairHeadline';

const verdictIcons: Readonly<Record<PairReport['verdict'], string>> = {
  fusable: '$(pass)',
  skipped: '$(circle-slash)',
  blocked: '$(error)',
};

/** VS Code drops a plain space between an icon and the text behind it. */
const ICON_GAP = '\u00a0';

/** One line of lenses over the whole network, and one over each pair: what is so, and what can be done. */
export function codeLenses(view: ListingView): CodeLens[] {
  const pairs = shownPairs(view);
  if (pairs.length === 0) return [];
  const overview = overviewLenses(view.report, view.modelPath);
  return overview.concat(alikePairs(view, pairs).flatMap((alike) => pairLenses(view, alike)));
}

/** Pairs that are shown by one line of lenses. */
interface AlikePairs {
  readonly line: number;
  readonly headline: string;
  readonly first: PairReport;
  readonly ids: string[];
}

/** A repeated block (`(0-3): 4 x Block(`) has many pairs on one line; those that are alike get their lenses once. */
function alikePairs(view: ListingView, pairs: readonly PairReport[]): readonly AlikePairs[] {
  const groups = new Map<string, AlikePairs>();
  for (const pair of pairs) {
    const line = pairPlace(view, pair)?.line;
    if (line === undefined) continue;
    const headline = pairHeadline(pair);
    const key = `${line} ${headline}`;
    const group = groups.get(key) ?? { line, headline, first: pair, ids: [] };
    group.ids.push(pair.id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function overviewLenses(report: InspectReport, path: string | null): CodeLens[] {
  const range = lineRange(0);
  const summary = lens(range, countsText(report.counts, l10n.t), commandIds.showPairs, path);
  const actions =
    report.counts.fusable > 0
      ? [
          lens(range, l10n.t('Fuse all'), commandIds.fuse, path),
          lens(range, l10n.t('Compare before and after'), commandIds.compare, path),
        ]
      : [];
  return path === null ? [summary] : [summary, ...actions];
}

function pairLenses(view: ListingView, { line, headline, first, ids }: AlikePairs): CodeLens[] {
  const range = lineRange(line);
  const path = view.modelPath;
  const times = ids.length > 1 ? `${ids.length} × ` : '';
  const title = `${verdictIcons[first.verdict]}${ICON_GAP}${withoutIcons(`${times}${headline}`)}`;
  const lenses = [lens(range, title, commandIds.revealInModels, path, first.id)];
  if (path === null) return lenses;
  if (first.verdict !== 'blocked') {
    const fuse =
      ids.length > 1 ? l10n.t('Fuse these {0} pairs', ids.length) : l10n.t('Fuse this pair');
    lenses.push(lens(range, fuse, commandIds.fusePair, path, ...ids));
    // What is not going to be folded has no drift.
    if (first.verdict === 'fusable') {
      lenses.push(lens(range, l10n.t('Drift'), commandIds.showDrift, path, first.id));
    }
  } else if (!isLocked(first)) {
    lenses.push(lens(range, l10n.t('Fuse anyway'), commandIds.fusePair, path, ...ids));
  }
  if (first.statistics !== null) {
    // Pairs that share their lenses are alike but for what was found in each.
    const found = ids.length > 1 ? l10n.t('Statistics') : statisticsText(first.statistics);
    lenses.push(lens(range, withoutIcons(found), commandIds.showStatistics, path, first.id));
  }
  return lenses;
}

/** What the statistics found comes last: it may be long, and nothing behind it is pushed off the screen. */
function statisticsText(finding: StatisticsFinding): string {
  const found = finding.says === 'confirms' ? foundParts(finding, l10n.t) : [];
  return found.length === 0 ? l10n.t('Statistics') : l10n.t('Statistics: {0}', found.join(' · '));
}

/** A layer may be called `$(error)`; it must not look like one of our icons. */
function withoutIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}

/** A lens that runs a command on a path, or one that only says something when there is no file to act on. */
function lens(
  range: Range,
  title: string,
  command: string,
  path: string | null,
  ...more: string[]
): CodeLens {
  return path === null
    ? { range, command: { title, command: '' } }
    : { range, command: { title, command, arguments: [path, ...more] } };
}

function lineRange(line: number): Range {
  return { start: { line, character: 0 }, end: { line, character: 0 } };
}
