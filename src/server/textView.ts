import { MemorySource } from '../core/bytes/byteSource';
import { openModuleText } from '../core/formats/moduleText/openModuleText';
import { printListing } from '../core/listing/printListing';
import { findPairs } from '../core/pairing/findPairs';
import { inspectReport } from '../engine/jobs/inspectReport';
import { untestedReport } from '../engine/jobs/statisticsReport';
import { pairingParams, type Settings } from '../protocol/settings';
import { listingView, type ListingView } from './listingView';
import { shownReport } from './wording/shownReport';

/**
 * The view of a text with a printed network in it, as it stands in the editor, saved or not. Text is small and has
 * no weights, so this needs no engine.
 * @throws ModelFormatError when no network is printed there.
 */
export function textView(text: string, path: string | null, settings: Settings): ListingView {
  const bytes = new TextEncoder().encode(text);
  const source = new MemorySource(bytes, path ?? 'text');
  const model = openModuleText(source);
  const pairing = findPairs(model, { ...pairingParams(settings, false), structure: null });
  const file = { path: source.name, sizeBytes: bytes.length, bytesRead: bytes.length };
  const tested = { pairing, statistics: untestedReport(model, pairing) };
  const report = shownReport(inspectReport(file, model, tested, settings.policy));
  const listing = printListing(model, pairing, 'original');
  return listingView(listing, report, { variant: 'original', modelPath: path });
}
