import type { FoldingRange } from 'vscode-languageserver-types';
import type { ListingView } from '../listingView';

/** Every layer or block that takes more than one line folds. */
export function foldingRanges(view: ListingView): FoldingRange[] {
  return view.places
    .filter(({ line, endLine }) => endLine > line)
    .map(({ line, endLine }) => ({ startLine: line, endLine }));
}
