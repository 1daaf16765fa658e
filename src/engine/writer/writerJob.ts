import type { PartialChecksum } from './checksums';
import { UnitWriter, type CheckedFold, type WriteTargets } from './unitWriter';
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

export interface WriterResult {
  readonly checks: readonly CheckedFold[];
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
  const checks: CheckedFold[] = [];
  const checksums: PartialChecksum[] = [];
  for (const unit of queue) {
    if (!control.claim(job.units.length)) break;
    const result = writer.write(unit);
    checks.push(...result.checks);
    checksums.push(...result.checksums);
  }
  return { checks, checksums };
}
