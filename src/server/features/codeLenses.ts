import * as l10n from '@vscode/l10n';
import type { CodeLens, Range } from 'vscode-languageserver-types';
import { commandIds } from '../../protocol/commandIds';
import type { InspectReport, PairReport } from '../../protocol/reports';
import { isLocked } from '../lockedPairs';
import { pairPlace, shownPairs, type ListingView } from '../listingView';
import { countsText } from '../../core/wording/countsText';
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
  return overview.concat(pairs.flatMap((pair) => pairLenses(view, pair)));
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

function pairLenses(view: ListingView, pair: PairReport): CodeLens[] {
  const place = pairPlace(view, pair);
  if (place === undefined) return [];
  const range = lineRange(place.line);
  const path = view.modelPath;
  const title = `${verdictIcons[pair.verdict]}${ICON_GAP}${withoutIcons(pairHeadline(pair))}`;
  const lenses = [lens(range, title, commandIds.revealInModels, path, pair.id)];
  if (path === null) return lenses;
  if (pair.verdict !== 'blocked') {
    lenses.push(lens(range, l10n.t('Fuse this pair'), commandIds.fusePair, path, pair.id));
  } else if (!isLocked(pair)) {
    lenses.push(lens(range, l10n.t('Fuse anyway'), commandIds.fusePair, path, pair.id));
  }
  return lenses;
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
