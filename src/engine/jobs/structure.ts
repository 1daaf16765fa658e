import type { Listing } from '../../core/listing/listing';
import { selectPairs } from '../../core/folding/selectPairs';
import { printListing } from '../../core/listing/printListing';
import type { Pairing } from '../../core/model/pair';
import type { StructureParams } from '../../protocol/engine';
import type { ModelCache } from '../modelCache';
import type { JobContext } from './jobContext';
import type { TestimonySource } from '../statistics/testimonySource';
import { pairAndTest } from './pairModel';

/** The text view of a model, as it is or as it would be after folding the chosen pairs. */
export async function structure(
  cache: ModelCache,
  testimonies: TestimonySource,
  params: StructureParams,
  context: JobContext,
): Promise<Listing> {
  context.throwIfCancelled();
  context.report({ stage: 'read', done: 0, total: 0 });
  const opened = await cache.open(params.path);
  const { model, files } = opened;
  try {
    const { pairing } = await pairAndTest(opened, params, testimonies, context);
    return printListing(model, chosenPairs(pairing, params.only ?? null), params.variant);
  } finally {
    files.close();
  }
}

/** The pairing with the verdicts that a fuse of just these pairs would act on. */
function chosenPairs(pairing: Pairing, only: readonly string[] | null): Pairing {
  if (only === null) return pairing;
  const { folded, left } = selectPairs(pairing, { only, skip: [] });
  const pairById = new Map([...folded, ...left].map((pair) => [pair.id, pair]));
  return { ...pairing, pairs: pairing.pairs.map((pair) => pairById.get(pair.id) ?? pair) };
}
