import { isDeepStrictEqual } from 'node:util';
import { CancellationTokenSource, type CancellationToken } from 'vscode-jsonrpc';
import type { Listing } from '../core/listing/listing';
import type { Surroundings } from '../core/model/surroundings';
import type { JobProgress } from '../protocol/engine';
import type { ListingVariant } from '../protocol/listingUri';
import type { InspectReport } from '../protocol/reports';
import { pairingParams, type Settings } from '../protocol/settings';
import type { StatisticsPicture } from '../protocol/statistics';
import type { RequestOptions } from '../engine/engineClient';
import type { Engine, Engines } from './engines';
import { shownReport } from './wording/shownReport';

/**
 * One reading of one model: its report and listings, each asked of the engine once. When the file or a setting
 * changes, the reading is disposed, which cancels its jobs, and another one takes its place.
 */
export class ModelReading {
  private readonly cancellation = new CancellationTokenSource();
  private readonly listings = new Map<ListingVariant, Promise<Listing>>();
  private latestReport: Promise<InspectReport> | null = null;
  private chosen: readonly string[] | null = null;
  private test: StatisticsTest | null = null;
  private isTestDone = false;

  constructor(
    private readonly engines: Engines,
    private readonly path: string,
    private readonly settings: Promise<Settings>,
  ) {}

  get isDisposed(): boolean {
    return this.cancellation.token.isCancellationRequested;
  }

  async hasSettings(settings: Settings): Promise<boolean> {
    return isDeepStrictEqual(await this.settings, settings);
  }

  /** The best report so far: with the full statistical test once `testStatistics` is through. */
  report(): Promise<InspectReport> {
    this.latestReport ??= this.inspect(this.engines.foreground, false);
    return this.latestReport;
  }

  listing(variant: ListingVariant): Promise<Listing> {
    const known = this.listings.get(variant);
    if (known !== undefined) return known;
    const listing = this.structure(variant);
    this.listings.set(variant, listing);
    return listing;
  }

  /** Says which pairs the listing after fusing shows folded; null for all fusable ones. */
  choose(only: readonly string[] | null): void {
    if (isDeepStrictEqual(only, this.chosen)) return;
    this.chosen = only;
    this.listings.delete('fused');
  }

  /** Whether reading the weights could tell more about the pairs than `report` does. */
  async wantsStatistics(): Promise<boolean> {
    const report = await this.report();
    const isOpenQuestion = report.pairs.some(({ evidence }) => evidence !== 'graph');
    const hasValues = report.model.format !== 'module-text';
    return isOpenQuestion && hasValues && (await this.settings).backgroundStatistics;
  }

  /** Whether `report` tells what the full statistical test found. */
  get isTested(): boolean {
    return this.isTestDone;
  }

  /** The test that runs now; null when none does. It rejects when it fails or is stopped. */
  get runningTest(): Promise<void> | null {
    return this.test?.end ?? null;
  }

  /** Runs the full statistical test and lets `report` tell its outcome. There must be none that runs. */
  testStatistics(onProgress: (progress: JobProgress) => void = () => undefined): Promise<void> {
    const cancellation = new CancellationTokenSource();
    const stopped = this.cancellation.token.onCancellationRequested(() => {
      cancellation.cancel();
    });
    const end = this.runTest(cancellation.token, onProgress).finally(() => {
      stopped.dispose();
      cancellation.dispose();
      this.test = null;
    });
    this.test = { end, cancellation };
    return end;
  }

  stopTest(): void {
    this.test?.cancellation.cancel();
  }

  /** The statistics of a pair as a picture; null when it has none. */
  async picture(id: string, token: CancellationToken): Promise<StatisticsPicture | null> {
    const params = pairingParams(await this.settings, true);
    // The result of a test that is done lies on the disk; one that is not runs where it keeps nobody waiting.
    const engine = this.isTested ? this.engines.foreground : this.engines.background;
    return engine.statisticsPicture({ path: this.path, id, ...params }, { token });
  }

  /** The layers around a pair; null when there is no such pair. */
  async surroundings(id: string, token: CancellationToken): Promise<Surroundings | null> {
    const { pairs } = await this.report();
    const pair = pairs.find((candidate) => candidate.id === id);
    if (pair === undefined) return null;
    const fed = pairs.filter(({ statistics }) => statistics?.from === pair.bn.name);
    return this.engines.foreground.surroundings({ path: this.path, pair, fed }, { token });
  }

  dispose(): void {
    this.cancellation.cancel();
    this.cancellation.dispose();
  }

  private async inspect(
    engine: Engine,
    statistics: boolean,
    job: RequestOptions = { token: this.cancellation.token },
  ): Promise<InspectReport> {
    const params = pairingParams(await this.settings, statistics);
    return shownReport(await engine.inspect({ path: this.path, ...params }, job));
  }

  private async runTest(
    token: CancellationToken,
    onProgress: (progress: JobProgress) => void,
  ): Promise<void> {
    const job = { token, onProgress };
    const tested = await this.inspect(this.engines.background, true, job);
    this.latestReport = Promise.resolve(tested);
    this.isTestDone = true;
    // A verdict may be another one now, and with it the network after fusing.
    this.listings.delete('fused');
  }

  private async structure(variant: ListingVariant): Promise<Listing> {
    const isFused = variant === 'fused';
    const params = pairingParams(await this.settings, isFused && this.isTested);
    const job = { token: this.cancellation.token };
    const only = isFused ? await this.knownChoice() : null;
    return this.engines.foreground.structure({ path: this.path, variant, only, ...params }, job);
  }

  /** The file or a setting may have changed since the user chose, and with it the pairs there are. */
  private async knownChoice(): Promise<readonly string[] | null> {
    if (this.chosen === null) return null;
    const { pairs } = await this.report();
    const known = new Set(pairs.map(({ id }) => id));
    return this.chosen.filter((id) => known.has(id));
  }
}

/** A test on its way. */
interface StatisticsTest {
  readonly end: Promise<void>;
  readonly cancellation: CancellationTokenSource;
}
