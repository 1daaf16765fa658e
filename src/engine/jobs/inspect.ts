import type { InspectParams } from '../../protocol/engine';
import type { InspectReport } from '../../protocol/reports';
import type { ModelCache } from '../modelCache';
import { inspectReport } from './inspectReport';
import type { JobContext } from './jobContext';
import { pairModel } from './pairModel';

/** Lists a model's pairs. Reads the structure and the BatchNorms' vectors, never the weights. */
export async function inspect(
  cache: ModelCache,
  params: InspectParams,
  context: JobContext,
): Promise<InspectReport> {
  context.throwIfCancelled();
  context.report({ stage: 'read', done: 0, total: 0 });
  const { model, files } = await cache.open(params.path);
  try {
    const pairing = await pairModel(model, params, context);
    const file = {
      path: params.path,
      sizeBytes: files.main.sizeBytes,
      bytesRead: files.bytesRead,
    };
    return inspectReport(file, model, pairing, params.policy);
  } finally {
    files.close();
  }
}
