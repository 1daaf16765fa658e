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

/**
 * Takes and writes units, one a step. One writer begins at the front, the other at the back, so that each works
 * through neighbouring bytes and both end together. @throws CancellationError when the control says stop.
 */
export function* runWriterJob(
  job: WriterJob,
  end: 'front' | 'back',
): Generator<void, WriterResult, void> {
  const control = new WriteControl(job.control);
  const writer = new UnitWriter(job.targets, (bytes) => {
    control.addWritten(bytes);
    return !control.isStopped;
  });
  const queue = end === 'front' ? job.units : job.units.toReversed();
  for (const unit of queue) {
    if (!control.claim(queue.length)) break;
    writer.write(unit);
    yield;
  }
  return { folds: writer.folds, checksums: writer.checksums };
}
