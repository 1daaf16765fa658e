import type { CancellationToken } from 'vscode-jsonrpc';
import { toEngineError } from '../engine/engineError';
import type { JobProgress } from '../protocol/engine';
import type { ModelState } from '../protocol/lsp';
import type { InspectReport } from '../protocol/reports';
import type { Settings } from '../protocol/settings';
import type { StatisticsPicture } from '../protocol/statistics';
import type { Engines } from './engines';
import { lockedPairs } from './lockedPairs';
import { ModelReading } from './modelReading';

/** Where the store's news go. */
export interface ModelStoreEvents {
  /** An open model's state is another one now. */
  onState(path: string, state: ModelState): void;
  /** The statistical test of a model went on. */
  onTestProgress(path: string, progress: JobProgress): void;
  /** What was shown of a model no longer holds: lenses and diagnostics are due again. */
  onChange(path: string): void;
}

/** The models that are open or shown. Each is read once, and anew when its file or a setting changes. */
export class ModelStore {
  private readonly readings = new Map<string, ModelReading>();
  private readonly openPaths = new Set<string>();
  private readonly choices = new Map<string, readonly string[] | null>();

  constructor(
    private readonly engines: Engines,
    private readonly settingsOf: (path: string) => Promise<Settings>,
    private readonly events: ModelStoreEvents,
  ) {}

  /**
   * Asks a model's reading. When another reading takes its place meanwhile, that one is asked, so that nobody hears
   * of a change of the file or the settings as a failure.
   */
  async ask<T>(path: string, question: (reading: ModelReading) => Promise<T>): Promise<T> {
    for (;;) {
      const reading = this.reading(path);
      try {
        return await question(reading);
      } catch (error) {
        if (!reading.isDisposed) throw error;
      }
    }
  }

  /** Follows a model from now on; its states arrive as events. */
  async open(path: string): Promise<void> {
    this.openPaths.add(path);
    await this.follow(path);
  }

  /** Keeps the user's choice of pairs, over changes of the file too; null stands for all fusable pairs. */
  choose(path: string, only: readonly string[] | null): void {
    this.choices.set(path, only);
    this.readings.get(path)?.choose(only);
  }

  close(path: string): void {
    this.openPaths.delete(path);
    this.choices.delete(path);
    this.forget(path);
  }

  /** Forgets a model that was read for a listing only. */
  release(path: string): void {
    if (!this.openPaths.has(path)) this.forget(path);
  }

  async changed(path: string): Promise<void> {
    this.forget(path);
    this.events.onChange(path);
    if (this.openPaths.has(path)) await this.follow(path);
  }

  /** Reads those models again for which the settings say something else now. */
  async settingsChanged(): Promise<void> {
    const readings = [...this.readings].map(async ([path, reading]) => {
      const settings = await this.settingsOf(path);
      if (!(await reading.hasSettings(settings))) await this.changed(path);
    });
    await Promise.all(readings);
  }

  /** Runs the statistical test of a model, or waits for the one that runs. @throws when it fails or is stopped. */
  test(path: string): Promise<void> {
    return this.ask(path, (reading) => this.testReading(reading, path));
  }

  stopTest(path: string): void {
    this.readings.get(path)?.stopTest();
  }

  /** The statistics of a pair as a picture, once its model is tested; null when it has none. */
  async picture(
    path: string,
    id: string,
    token: CancellationToken,
  ): Promise<StatisticsPicture | null> {
    const { model } = await this.ask(path, (reading) => reading.report());
    if (model.format === 'module-text') return null;
    await this.test(path);
    return this.ask(path, (reading) => reading.picture(id, token));
  }

  dispose(): void {
    for (const reading of this.readings.values()) reading.dispose();
    this.readings.clear();
  }

  private reading(path: string): ModelReading {
    const known = this.readings.get(path);
    if (known !== undefined) return known;
    const reading = new ModelReading(this.engines, path, this.settingsOf(path));
    reading.choose(this.choices.get(path) ?? null);
    this.readings.set(path, reading);
    return reading;
  }

  private async follow(path: string): Promise<void> {
    const reading = this.reading(path);
    this.events.onState(path, { kind: 'reading' });
    try {
      const report = await reading.report();
      const isTesting = await reading.wantsStatistics();
      if (!isTesting) this.tell(reading, path, readyState(report, false));
      // A test that fails leaves the report as it was; what the file's trouble is, fusing it will say.
      else await this.testReading(reading, path).catch(() => undefined);
    } catch (error) {
      const { code, message } = toEngineError(error);
      this.tell(reading, path, { kind: 'failed', code, message });
    }
  }

  private async testReading(reading: ModelReading, path: string): Promise<void> {
    const report = await reading.report();
    if (reading.isTested) return;
    if (reading.runningTest !== null) return reading.runningTest;
    this.tell(reading, path, readyState(report, true));
    try {
      await reading.testStatistics((progress) => {
        if (progress.stage === 'statistics') this.events.onTestProgress(path, progress);
      });
    } finally {
      if (!reading.isDisposed) {
        this.tell(reading, path, readyState(await reading.report(), false));
        this.events.onChange(path);
      }
    }
  }

  private tell(reading: ModelReading, path: string, state: ModelState): void {
    if (!reading.isDisposed) this.events.onState(path, state);
  }

  private forget(path: string): void {
    this.readings.get(path)?.dispose();
    this.readings.delete(path);
  }
}

function readyState(report: InspectReport, isTesting: boolean): ModelState {
  return { kind: 'ready', report, isTesting, locked: lockedPairs(report) };
}
