import type { Listing } from '../../core/listing/listing';
import type { FuseParams, InspectParams, StructureParams } from '../../protocol/engine';
import type { FuseReport, InspectReport } from '../../protocol/reports';
import { ModelCache } from '../modelCache';
import { fuse } from './fuse';
import { inspect } from './inspect';
import type { JobContext } from './jobContext';
import { structure } from './structure';

/** Every job of the engine over one cache of opened models. The worker and the command line both run them here. */
export class EngineJobs {
  private readonly cache = new ModelCache();

  /** `writerScript` is the path of the bundle of `writerWorker.ts`. */
  constructor(private readonly writerScript: string) {}

  inspect(params: InspectParams, context: JobContext): Promise<InspectReport> {
    return inspect(this.cache, params, context);
  }

  fuse(params: FuseParams, context: JobContext): Promise<FuseReport> {
    return fuse({ cache: this.cache, writerScript: this.writerScript }, params, context);
  }

  structure(params: StructureParams, context: JobContext): Promise<Listing> {
    return structure(this.cache, params, context);
  }
}
