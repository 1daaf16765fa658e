import { MarkupKind, type Hover, type Position } from 'vscode-languageserver-types';
import type { LayerPlace } from '../../core/listing/listing';
import { innermostPlace, pairsOf, type ListingView } from '../listingView';
import { escapeMarkdown } from '../wording/escapeMarkdown';
import { pairDetails } from '../wording/pairDetails';

/** Explains the pairs of the layer under the cursor, or why its BatchNorm has none. */
export function hover(view: ListingView, position: Position): Hover | null {
  const place = innermostPlace(view, position.line);
  if (place === undefined) return null;
  const pairs = pairsOf(view, place);
  const parts =
    pairs.length > 0
      ? pairs.map((pair) => pairDetails(pair, view.modelPath))
      : unpairedDetails(view, place);
  if (parts.length === 0) return null;
  const { line, column, length } = place;
  return {
    contents: { kind: MarkupKind.Markdown, value: parts.join('\n\n---\n\n') },
    range: {
      start: { line, character: column },
      end: { line, character: column + length },
    },
  };
}

function unpairedDetails(view: ListingView, place: LayerPlace): string[] {
  return view.report.unpaired
    .filter(({ bn }) => bn === place.name)
    .map(({ bn, reasons }) => {
      const sentences = reasons.map(({ message }) => `- ${escapeMarkdown(message)}`);
      return [`**${escapeMarkdown(bn)}**`, '', ...sentences].join('\n');
    });
}
