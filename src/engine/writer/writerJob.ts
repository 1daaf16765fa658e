import type { PartialChecksum } from './checksums';
import { UnitWriter, type PartialFold, type WriteTargets } from './unitWriter';
import { WriteControl } from './writeControl';
import type { WriteUnit } from './writeUnits';

/** The work of all writers of one output; each gets the same list and takes units until none is left. */
export interface WriterJob {
  readonly targets: WriteTargets;
  readonly units: readonly WriteUnit[];
  readonly control: SharedArrayBuffer;
  /** One of the two writers begins at the front, the other at the back: each works through neighbouring bytes. */
  readonly end: 'front' | 'back';
}

/** What a writer found out about the bytes it wrote; together with the others' it is the whole. */
export interface WriterResult {
  readonly folds: readonly PartialFold[];
  readonly checksums: readonly PartialChecksum[];
}

/** Takes and writes units until none is left. @throws CancellationError when the control says stop. */
export function runWriterJob(
  job: WriterJob,
  afterBlock: () => void = () => undefined,
): WriterResult {
  const control = new WriteControl(job.control);
  const writer = new UnitWriter(job.targets, (bytes) => {
    control.addWritten(bytes);
    afterBlock();
    return !control.isStopped;
  });
  const queue = job.end === 'front' ? job.units : job.units.toReversed();
  for (const unit of queue) {
    if (!control.claim(job.units.length)) break;
    writer.write(unit);
  }
  return { folds: writer.folds, checksums: writer.checksums };
}
