import type { Surroundings } from '../../core/model/surroundings';
import { surroundings as around } from '../../core/pairing/surroundings/surroundings';
import type { SurroundingsParams } from '../../protocol/surroundings';
import type { ModelCache } from '../modelCache';
import type { JobContext } from './jobContext';

/** The layers around one pair. Pairs are not found anew: the caller knows them, and what their statistics said. */
export async function surroundings(
  cache: ModelCache,
  { path, pair, fed }: SurroundingsParams,
  context: JobContext,
): Promise<Surroundings> {
  context.throwIfCancelled();
  const { model, files } = await cache.open(path);
  try {
    return around(model.network, pair, fed);
  } finally {
    files.close();
  }
}
