import * as l10n from '@vscode/l10n';
import { CodeActionKind, type CodeAction, type Range } from 'vscode-languageserver-types';
import { commandIds } from '../../protocol/commandIds';
import { innermostPlace, pairsOf, type ListingView } from '../listingView';

/** What the Problems panel offers for a pair: the picture of the statistics that speak against it, or for it. */
export function codeActions(view: ListingView, { start }: Range): CodeAction[] {
  const place = innermostPlace(view, start.line);
  const path = view.modelPath;
  if (place === undefined || path === null) return [];
  return pairsOf(view, place)
    .filter(({ statistics }) => statistics !== null)
    .map(({ id }) => {
      const title = l10n.t('Show the statistics of {0}', id);
      const command = { title, command: commandIds.showStatistics, arguments: [path, id] };
      return { title, kind: CodeActionKind.QuickFix, command };
    });
}
