import type { Listing } from '../../core/listing/listing';
import { printListing } from '../../core/listing/printListing';
import type { StructureParams } from '../../protocol/engine';
import type { ModelCache } from '../modelCache';
import type { JobContext } from './jobContext';
import { pairModel } from './pairModel';

/** The text view of a model, as it is or as it would be after folding every fusable pair. */
export async function structure(
  cache: ModelCache,
  params: StructureParams,
  context: JobContext,
): Promise<Listing> {
  context.throwIfCancelled();
  context.report({ stage: 'read', done: 0, total: 0 });
  const { model, files } = await cache.open(params.path);
  try {
    const pairing = await pairModel(model, params, context);
    return printListing(model, pairing, params.variant);
  } finally {
    files.close();
  }
}
