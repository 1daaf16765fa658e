import { join } from 'node:path';
import type { Listing } from '../../core/listing/listing';
import type { FuseParams, InspectParams, StructureParams } from '../../protocol/engine';
import type { DriftDetail, DriftParams, DriftProgress, DriftReport } from '../../protocol/drift';
import type { FuseReport, InspectReport } from '../../protocol/reports';
import { ModelCache } from '../modelCache';
import { drift, driftDetail } from './drift';
import { fuse } from './fuse';
import { inspect } from './inspect';
import type { JobContext } from './jobContext';
import { promisedRanges, type PromisedRanges } from './promisedRanges';
import { structure } from './structure';

/** Every job of the engine over one cache of opened models. The worker and the command line both run them here. */
export class EngineJobs {
  private readonly cache = new ModelCache();

  /** `scripts` is the folder with the bundles of `writerWorker.ts` and `runtimeChild.ts`. */
  constructor(private readonly scripts: string) {}

  inspect(params: InspectParams, context: JobContext): Promise<InspectReport> {
    return inspect(this.cache, params, context);
  }

  fuse(params: FuseParams, context: JobContext): Promise<FuseReport> {
    const writerScript = join(this.scripts, 'writerWorker.js');
    return fuse({ cache: this.cache, writerScript }, params, context);
  }

  structure(params: StructureParams, context: JobContext): Promise<Listing> {
    return structure(this.cache, params, context);
  }

  /** `onProgress` also hears of every layer as it is measured. */
  drift(
    params: DriftParams,
    context: JobContext,
    onProgress: (progress: DriftProgress) => void,
  ): Promise<DriftReport> {
    const runtimeScript = join(this.scripts, 'driftRuntime.js');
    return drift({ cache: this.cache, runtimeScript }, params, context, onProgress);
  }

  driftDetail(
    params: DriftParams & { readonly id: string },
    context: JobContext,
  ): Promise<DriftDetail | null> {
    return driftDetail(this.cache, params, context);
  }

  promisedRanges(params: DriftParams, context: JobContext): Promise<PromisedRanges> {
    return promisedRanges(this.cache, params, context);
  }
}
