import { toEngineError } from '../engine/engineError';
import type { ModelState } from '../protocol/lsp';
import type { Settings } from '../protocol/settings';
import type { Engines } from './engines';
import { ModelReading } from './modelReading';

/** Where the store's news go. */
export interface ModelStoreEvents {
  /** An open model's state is another one now. */
  onState(path: string, state: ModelState): void;
  /** What was shown of a model no longer holds: lenses and diagnostics are due again. */
  onChange(path: string): void;
}

/** The models that are open or shown. Each is read once, and anew when its file or a setting changes. */
export class ModelStore {
  private readonly readings = new Map<string, ModelReading>();
  private readonly openPaths = new Set<string>();

  constructor(
    private readonly engines: Engines,
    private readonly settingsOf: (path: string) => Promise<Settings>,
    private readonly events: ModelStoreEvents,
  ) {}

  reading(path: string): ModelReading {
    const known = this.readings.get(path);
    if (known !== undefined) return known;
    const reading = new ModelReading(this.engines, path, this.settingsOf(path));
    this.readings.set(path, reading);
    return reading;
  }

  /** Follows a model from now on; its states arrive as events. */
  async open(path: string): Promise<void> {
    this.openPaths.add(path);
    await this.follow(path);
  }

  close(path: string): void {
    this.openPaths.delete(path);
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

  /** Reads everything again, because how pairs are found may have changed. */
  async allChanged(): Promise<void> {
    const paths = new Set([...this.readings.keys(), ...this.openPaths]);
    await Promise.all([...paths].map((path) => this.changed(path)));
  }

  dispose(): void {
    for (const reading of this.readings.values()) reading.dispose();
    this.readings.clear();
  }

  private async follow(path: string): Promise<void> {
    const reading = this.reading(path);
    this.events.onState(path, { kind: 'reading' });
    try {
      const report = await reading.report();
      const isTesting = await reading.wantsStatistics();
      this.tell(reading, path, { kind: 'ready', report, isTesting });
      if (isTesting) await this.test(reading, path);
    } catch (error) {
      const { code, message } = toEngineError(error);
      this.tell(reading, path, { kind: 'failed', code, message });
    }
  }

  private async test(reading: ModelReading, path: string): Promise<void> {
    // A test that fails leaves the report as it was; what the file's trouble is, fusing it will say.
    await reading.testStatistics().catch(() => undefined);
    if (reading.isDisposed) return;
    this.tell(reading, path, { kind: 'ready', report: await reading.report(), isTesting: false });
    this.events.onChange(path);
  }

  private tell(reading: ModelReading, path: string, state: ModelState): void {
    if (!reading.isDisposed) this.events.onState(path, state);
  }

  private forget(path: string): void {
    this.readings.get(path)?.dispose();
    this.readings.delete(path);
  }
}
