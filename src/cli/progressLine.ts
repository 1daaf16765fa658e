import type { WriteStream } from 'node:tty';
import type { JobProgress } from '../protocol/engine';

const stageWords: Readonly<Record<JobProgress['stage'], string>> = {
  read: 'Reading',
  pair: 'Pairing',
  statistics: 'Checking statistics',
  fold: 'Folding',
  write: 'Writing',
  drift: 'Measuring drift',
};
const CLEAR_LINE = '\r\u001b[2K';
/** Work that is done before anyone can read a line does not flicker. */
const QUIET_MS = 300;

/** One line on a terminal that says how far a job is, and leaves no trace. Silent where nobody watches. */
export class ProgressLine {
  private readonly isActive: boolean;
  private readonly start = performance.now();
  private isShown = false;

  constructor(
    private readonly stream: WriteStream,
    wanted: boolean,
  ) {
    this.isActive = wanted && stream.isTTY;
  }

  show({ stage, done, total }: JobProgress): void {
    if (!this.isActive || performance.now() - this.start < QUIET_MS) return;
    const percent = total > 0 ? ` ${Math.floor((100 * done) / total)} %` : '';
    this.stream.write(`${CLEAR_LINE}${stageWords[stage]}…${percent}`);
    this.isShown = true;
  }

  clear(): void {
    if (this.isShown) this.stream.write(CLEAR_LINE);
    this.isShown = false;
  }
}
