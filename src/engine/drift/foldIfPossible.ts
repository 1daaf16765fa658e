import { ModelFormatError } from '../../core/errors';
import { foldPair } from '../../core/folding/foldPair';
import type { Fold } from '../../core/model/fold';
import type { OpenedModel } from '../../core/model/openedModel';
import type { Pair } from '../../core/model/pair';

/** Another tool may have folded what we would leave, so every pair that has numbers is compared; no fold where it has none. */
export function foldIfPossible(model: OpenedModel, pair: Pair): Fold[] {
  if (pair.conv.weight.location.kind === 'absent') return [];
  try {
    return [foldPair(model, pair)];
  } catch (error) {
    // Pairs blocked for their numbers have no fold to compare with; their reason is in the pairs' own list.
    if (error instanceof ModelFormatError) return [];
    throw error;
  }
}
