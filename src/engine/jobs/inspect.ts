import type { InspectParams } from '../../protocol/engine';
import type { InspectReport } from '../../protocol/reports';
import type { ModelCache } from '../modelCache';
import type { TestimonySource } from '../statistics/testimonySource';
import { inspectReport } from './inspectReport';
import type { JobContext } from './jobContext';
import { pairAndTest } from './pairModel';

/** Lists a model's pairs. Reads the structure and the BatchNorms' vectors; the weights only for the full statistical test. */
export async function inspect(
  cache: ModelCache,
  testimonies: TestimonySource,
  params: InspectParams,
  context: JobContext,
): Promise<InspectReport> {
  context.throwIfCancelled();
  context.report({ stage: 'read', done: 0, total: 0 });
  const opened = await cache.open(params.path);
  const { model, files } = opened;
  try {
    const tested = await pairAndTest(opened, params, testimonies, context);
    const file = {
      path: params.path,
      sizeBytes: files.main.sizeBytes,
      bytesRead: files.bytesRead,
    };
    return inspectReport(file, model, tested, params.policy);
  } finally {
    files.close();
  }
}
