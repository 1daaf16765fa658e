import { SymbolKind, uinteger, type DocumentSymbol } from 'vscode-languageserver-types';
import type { LayerPlace } from '../../core/listing/listing';
import { relativeName } from '../../core/wording/relativeName';
import { shownPairs, type ListingView } from '../listingView';

/** The outline: blocks with their layers inside, each with its class or operator, and its verdict where it has one. */
export function documentSymbols(view: ListingView): DocumentSymbol[] {
  const verdictByConv = new Map(shownPairs(view).map(({ conv, verdict }) => [conv.name, verdict]));
  const roots: DocumentSymbol[] = [];
  const symbolByName = new Map<string, DocumentSymbol & { children: DocumentSymbol[] }>();
  for (const place of view.places) {
    const parent = place.parent === null ? undefined : symbolByName.get(place.parent);
    const verdict = verdictByConv.get(place.name);
    const symbol = {
      name: shortName(place),
      detail: verdict === undefined ? place.type : `${place.type} · ${verdict}`,
      kind: SymbolKind.Field,
      range: {
        start: { line: place.line, character: 0 },
        end: { line: place.endLine, character: uinteger.MAX_VALUE },
      },
      selectionRange: {
        start: { line: place.line, character: place.column },
        end: { line: place.line, character: place.column + place.length },
      },
      children: [],
    };
    symbolByName.set(place.name, symbol);
    if (parent === undefined) {
      roots.push(symbol);
    } else {
      parent.kind = SymbolKind.Module;
      parent.children.push(symbol);
    }
  }
  return roots;
}

/** VS Code refuses symbols without a name; the root of a network has none. */
function shortName({ name, parent, type }: LayerPlace): string {
  const own = parent === null || parent === '' ? name : relativeName(name, `${parent}.`);
  return own === '' ? type : own;
}
