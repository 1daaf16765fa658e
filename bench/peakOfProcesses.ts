import { readdirSync, readFileSync } from 'node:fs';

const POLL_MS = 10;

/**
 * The most memory that this process and its children may have held together: the sum of each one's own peak, looked
 * at from outside while they live. Linux only.
 */
export class PeakOfProcesses {
  private peakOfChildren = 0;
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setInterval(() => {
      const together = children().reduce((sum, pid) => sum + highWater(pid), 0);
      this.peakOfChildren = Math.max(this.peakOfChildren, together);
    }, POLL_MS);
  }

  /** Ends the watch; NaN where there is nothing to look at. */
  stop(): number {
    clearInterval(this.timer);
    return this.peakOfChildren === 0 ? NaN : this.peakOfChildren + highWater('self');
  }
}

function children(): readonly string[] {
  try {
    return readdirSync('/proc/self/task').flatMap((task) =>
      readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
  } catch {
    // Not Linux, or a thread that has just ended.
    return [];
  }
}

function highWater(pid: string): number {
  try {
    const [, kilobytes] =
      /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    // The child has ended meanwhile.
    return 0;
  }
}
