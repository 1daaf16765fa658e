import * as vscode from 'vscode';
import type { InspectReport } from '../../protocol/reports';

/** A dialog with more lines than this no longer fits small screens. */
const MAX_LISTED_PAIRS = 8;

/**
 * A blocked pair is folded only by a user who knows better than names and statistics can, and says so. Where the
 * statistics speak about one, the user may look at them instead.
 */
export async function mayFold(
  report: InspectReport,
  only: readonly string[] | null,
  showStatistics: (id: string) => Promise<void>,
): Promise<boolean> {
  const chosen = new Set(only ?? []);
  const blocked = report.pairs.filter(({ id, verdict }) => verdict === 'blocked' && chosen.has(id));
  if (blocked.length === 0) return true;
  const foldAnyway = vscode.l10n.t('Fold Anyway');
  const look = vscode.l10n.t('Show Statistics');
  const question =
    blocked.length === 1
      ? vscode.l10n.t('A blocked pair is about to be folded.')
      : vscode.l10n.t('{0} blocked pairs are about to be folded.', blocked.length);
  const detail = blocked
    .slice(0, MAX_LISTED_PAIRS)
    .map(({ id, reasons }) => `${id}: ${reasons[0]?.message ?? ''}`)
    .join('\n');
  const tested = blocked.find(({ statistics }) => statistics !== null);
  const options = { modal: true, detail };
  const actions = tested === undefined ? [foldAnyway] : [foldAnyway, look];
  const choice = await vscode.window.showWarningMessage(question, options, ...actions);
  if (choice === look && tested !== undefined) await showStatistics(tested.id);
  return choice === foldAnyway;
}
