import type { PartialChecksum } from './checksums';
import { UnitWriter, type PartialFold, type WriteTargets } from './unitWriter';
import { WriteControl } from './writeControl';
import type { WriteUnit } from './writeUnits';

/** The work on one output. All its writers have the same list and take units until none is left. */
export interface WriterJob {
  readonly targets: WriteTargets;
  readonly units: readonly WriteUnit[];
  /** Memory of the WriteControl. */
  readonly control: SharedArrayBuffer;
}

/** What a writer found out about the bytes it wrote; together with the others' it is the whole. */
export interface WriterResult {
  readonly folds: readonly PartialFold[];
  readonly checksums: readonly PartialChecksum[];
}

/** One writer's share of a job: it takes units and writes them, one a step, until none is left. */
export class WriterRun {
  private readonly control: WriteControl;
  private readonly writer: UnitWriter;
  private readonly queue: WriteUnit[];

  /**
   * One writer begins at the front, the other at the back, so that each works through neighbouring bytes and both end
   * together.
   */
  constructor(
    private readonly job: WriterJob,
    end: 'front' | 'back',
  ) {
    const control = new WriteControl(job.control);
    this.control = control;
    // The last one of the queue is next.
    this.queue = end === 'front' ? job.units.toReversed() : [...job.units];
    this.writer = new UnitWriter(job.targets, (bytes) => {
      control.addWritten(bytes);
      return !control.isStopped;
    });
  }

  /** Writes a unit; false when none is left. @throws CancellationError when the control says stop. */
  step(): boolean {
    const unit = this.queue.pop();
    if (unit === undefined || !this.control.claim(this.job.units.length)) return false;
    this.writer.write(unit);
    return true;
  }

  get result(): WriterResult {
    return { folds: this.writer.folds, checksums: this.writer.checksums };
  }

  /** Lets go of all files; must be called whatever happens. */
  close(): void {
    this.writer.close();
  }
}
