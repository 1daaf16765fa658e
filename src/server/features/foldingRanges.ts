import type { FoldingRange } from 'vscode-languageserver-types';
import type { ListingView } from '../listingView';

/** Every layer or block that takes more than one line folds; the layers of a repeated block fold as one. */
export function foldingRanges(view: ListingView): FoldingRange[] {
  const endLines = new Map<number, number>();
  for (const { line, endLine } of view.places) {
    if (endLine > line) endLines.set(line, Math.max(endLine, endLines.get(line) ?? 0));
  }
  return [...endLines].map(([startLine, endLine]) => ({ startLine, endLine }));
}
