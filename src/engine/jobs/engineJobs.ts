import { join } from 'node:path';
import type { Listing } from '../../core/listing/listing';
import type { Surroundings } from '../../core/model/surroundings';
import type { FuseParams, InspectParams, StructureParams } from '../../protocol/engine';
import type { DriftDetail, DriftParams, DriftProgress, DriftReport } from '../../protocol/drift';
import type { FuseReport, InspectReport } from '../../protocol/reports';
import type { StatisticsPicture, StatisticsPictureParams } from '../../protocol/statistics';
import type { SurroundingsParams } from '../../protocol/surroundings';
import type { LastSides } from '../drift/openSides';
import { ModelCache } from '../modelCache';
import { LazyTestimonies, type TestimonySource } from '../statistics/testimonySource';
import type { PromisedRanges } from './promisedRanges';
import type { JobContext } from './jobContext';

/**
 * Every job of the engine over one cache of opened models; the worker and the command line both run them here.
 * Each loads its code when it is first asked for: a command should not wait for the code of the others.
 */
export class EngineJobs {
  private readonly cache = new ModelCache();
  private sides: LastSides | null = null;
  private readonly testimonies: TestimonySource;

  /**
   * `scripts` is the folder with the bundles of `writerWorker.ts` and `runtimeChild.ts`; `cacheFolder` is where
   * results are kept from one session to the next, null for nowhere.
   */
  constructor(
    private readonly scripts: string,
    cacheFolder: string | null = null,
  ) {
    this.testimonies = new LazyTestimonies(scripts, cacheFolder);
  }

  async inspect(params: InspectParams, context: JobContext): Promise<InspectReport> {
    const { inspect } = await import('./inspect');
    return inspect(this.cache, this.testimonies, params, context);
  }

  async fuse(params: FuseParams, context: JobContext): Promise<FuseReport> {
    const { fuse } = await import('./fuse');
    const writerScript = join(this.scripts, 'writerWorker.js');
    const { cache, testimonies } = this;
    return fuse({ cache, testimonies, writerScript }, params, context);
  }

  async structure(params: StructureParams, context: JobContext): Promise<Listing> {
    const { structure } = await import('./structure');
    return structure(this.cache, this.testimonies, params, context);
  }

  async statisticsPicture(
    params: StatisticsPictureParams,
    context: JobContext,
  ): Promise<StatisticsPicture | null> {
    const { statisticsPicture } = await import('./statisticsPicture');
    return statisticsPicture(this.cache, this.testimonies, params, context);
  }

  async surroundings(params: SurroundingsParams, context: JobContext): Promise<Surroundings> {
    const { surroundings } = await import('./surroundings');
    return surroundings(this.cache, params, context);
  }

  /** `onProgress` also hears of every layer as it is measured. */
  async drift(
    params: DriftParams,
    context: JobContext,
    onProgress: (progress: DriftProgress) => void,
  ): Promise<DriftReport> {
    const { drift } = await import('./drift');
    const runtimeScript = join(this.scripts, 'driftRuntime.js');
    return drift({ sides: await this.lastSides(), runtimeScript }, params, context, onProgress);
  }

  async driftDetail(
    params: DriftParams & { readonly id: string },
    context: JobContext,
  ): Promise<DriftDetail | null> {
    const { driftDetail } = await import('./drift');
    return driftDetail(await this.lastSides(), params, context);
  }

  async promisedRanges(params: DriftParams, context: JobContext): Promise<PromisedRanges> {
    const { promisedRanges } = await import('./promisedRanges');
    return promisedRanges(this.cache, params, context);
  }

  private async lastSides(): Promise<LastSides> {
    const { LastSides } = await import('../drift/openSides');
    this.sides ??= new LastSides(this.cache);
    return this.sides;
  }
}
