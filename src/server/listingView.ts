import type { LayerPlace, Listing } from '../core/listing/listing';
import type { ListingVariant } from '../protocol/listingUri';
import type { InspectReport, PairReport } from '../protocol/reports';

/** A text on the screen with a listing in it, and what is known of its pairs. Every feature is a function of it. */
export interface ListingView {
  readonly variant: ListingVariant;
  /** The file that commands act on; null for a text that was never saved. */
  readonly modelPath: string | null;
  readonly places: readonly LayerPlace[];
  readonly placeByName: ReadonlyMap<string, LayerPlace>;
  readonly report: InspectReport;
}

export function listingView(
  listing: Pick<Listing, 'places'>,
  report: InspectReport,
  about: Pick<ListingView, 'variant' | 'modelPath'>,
): ListingView {
  const placeByName = new Map(listing.places.map((place) => [place.name, place]));
  return { ...about, places: listing.places, placeByName, report };
}

/** The pairs that a view explains: those of the model itself. After fusing there are none to act on. */
export function shownPairs(view: ListingView): readonly PairReport[] {
  return view.variant === 'original' ? view.report.pairs : [];
}

/** Where a pair is shown: at its convolution, else at its BatchNorm. */
export function pairPlace(view: ListingView, pair: PairReport): LayerPlace | undefined {
  return view.placeByName.get(pair.conv.name) ?? view.placeByName.get(pair.bn.name);
}

/** The layer on a line. Places come in line order, so the last that still covers the line is the innermost. */
export function innermostPlace(view: ListingView, line: number): LayerPlace | undefined {
  return view.places.findLast((place) => place.line <= line && line <= place.endLine);
}

/** The shown pairs that a layer is part of. */
export function pairsOf(view: ListingView, { name }: LayerPlace): readonly PairReport[] {
  return shownPairs(view).filter(({ conv, bn }) => conv.name === name || bn.name === name);
}
