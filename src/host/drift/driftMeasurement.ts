import { statSync } from 'node:fs';
import * as vscode from 'vscode';
import {
  driftProgress,
  type DriftDetail,
  type DriftLayerReport,
  type DriftProgress,
  type DriftReport,
} from '../../protocol/drift';
import type { DriftContent, DriftRun, DriftSubject } from '../../protocol/driftView';
import {
  driftModelDetailRequest,
  driftModelRequest,
  type DriftModelParams,
} from '../../protocol/lsp';
import { readSettings } from '../settings';
import { isCancelled } from '../showFailure';
import type { ServerClient } from '../serverClient';

/** Layers arrive by the hundred a second; a page that redraws ten times a second looks as lively. */
const FLUSH_PAUSE_MS = 100;

let lastToken = 0;

/** One comparison of two models: it measures when told to, and knows everything that came of it so far. */
export class DriftMeasurement implements vscode.Disposable {
  private readonly progressed = new vscode.EventEmitter<readonly DriftLayerReport[]>();
  private readonly layers = new Map<string, DriftLayerReport>();
  private report: DriftContent['report'] = null;
  private run: DriftRun = { kind: 'cancelled' };
  private cancellation: vscode.CancellationTokenSource | null = null;
  private stamp = '';
  private waiting: DriftLayerReport[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** Fires when the run went on, with the layers that are new or changed. */
  readonly onDidProgress = this.progressed.event;

  /** `report` is what was measured before the window was reloaded, or null. */
  constructor(
    private readonly client: ServerClient,
    readonly subject: DriftSubject,
    report: DriftReport | null,
  ) {
    if (report === null) return;
    this.stamp = this.fileStamp();
    this.take(report);
  }

  get content(): DriftContent {
    const { subject, run, report } = this;
    return { subject, run, report, layers: [...this.layers.values()] };
  }

  /** The report as the command line would print it, or null while there is none. */
  get wholeReport(): DriftReport | null {
    return this.report === null ? null : { ...this.report, layers: [...this.layers.values()] };
  }

  /** Whether one of the files is another one than was measured, or nothing was measured. */
  get isStale(): boolean {
    return this.stamp !== this.fileStamp() || (this.report === null && this.run.kind !== 'running');
  }

  /** Measures anew, in place of a run that goes on. It ends as a state of `content` and never rejects. */
  async start(): Promise<void> {
    this.cancel();
    const cancellation = new vscode.CancellationTokenSource();
    this.cancellation = cancellation;
    this.stamp = this.fileStamp();
    this.layers.clear();
    this.report = null;
    this.waiting = [];
    this.setRun({ kind: 'running', stage: 'read', done: 0, total: 0 });
    const isCurrent = (): boolean => this.cancellation === cancellation;
    const progressToken = `drift-${++lastToken}`;
    const subscription = this.client.onProgress(driftProgress, progressToken, (progress) => {
      if (isCurrent()) this.onProgress(progress);
    });
    try {
      const job = { ...this.job(), progressToken };
      const report = await this.client.sendRequest(driftModelRequest, job, cancellation.token);
      if (isCurrent()) {
        this.take(report);
        this.flush();
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const end: DriftRun = isCancelled(error)
        ? { kind: 'cancelled' }
        : { kind: 'failed', message };
      if (isCurrent()) this.setRun(end);
    } finally {
      subscription.dispose();
      if (isCurrent()) this.cancellation = null;
      cancellation.dispose();
    }
  }

  /** Ends a run; what was measured until then stays. */
  cancel(): void {
    this.cancellation?.cancel();
  }

  /** One layer in full. @throws the engine's error. */
  async detail(id: string): Promise<DriftDetail | null> {
    return this.client.sendRequest(driftModelDetailRequest, { ...this.job(), id });
  }

  dispose(): void {
    this.cancel();
    this.cancellation = null;
    clearTimeout(this.timer);
    this.progressed.dispose();
  }

  /** A report that is shown fixes what was drawn; a new one follows the settings. */
  private job(): DriftModelParams {
    const { samples, seed, runtime, accumulated } = readSettings(this.subject.reference).drift;
    const drawn = this.report ?? { samples, seed };
    return {
      path: this.subject.reference,
      fused: this.subject.candidate,
      samples: drawn.samples,
      seed: drawn.seed,
      runtime,
      accumulated,
    };
  }

  private onProgress({ layer, ...progress }: DriftProgress): void {
    this.run = { kind: 'running', ...progress };
    if (layer !== undefined) {
      this.layers.set(layer.id, layer);
      this.waiting.push(layer);
    }
    this.timer ??= setTimeout(() => {
      this.flush();
    }, FLUSH_PAUSE_MS);
  }

  private take({ layers, ...report }: DriftReport): void {
    this.layers.clear();
    for (const layer of layers) this.layers.set(layer.id, layer);
    this.waiting = [...layers];
    this.report = report;
    this.run = { kind: 'done' };
  }

  private setRun(run: DriftRun): void {
    this.run = run;
    this.flush();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { waiting } = this;
    this.waiting = [];
    this.progressed.fire(waiting);
  }

  private fileStamp(): string {
    const { reference, candidate } = this.subject;
    return [reference, candidate]
      .map((path) => {
        const stats = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
        return stats === undefined ? '' : `${stats.size} ${stats.mtimeMs}`;
      })
      .join('|');
  }
}
