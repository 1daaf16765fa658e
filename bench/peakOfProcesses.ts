import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const POLL_MS = 5;

/**
 * Runs `node script …args` and gives the most memory that it and its children may have held together: the sum of each
 * one's own peak, looked at from outside while they live. NaN where there is nothing to look at (not Linux).
 */
export function peakOfProcesses(script: string, args: readonly string[]): Promise<number> {
  const program = spawn(process.execPath, [script, ...args], { stdio: 'ignore' });
  const peaks = new Map<string, number>();
  const timer = setInterval(() => {
    for (const pid of familyOf(String(program.pid))) {
      peaks.set(pid, Math.max(peaks.get(pid) ?? 0, highWater(pid)));
    }
  }, POLL_MS);
  return new Promise((resolve, reject) => {
    program.once('error', reject);
    program.once('exit', (code) => {
      clearInterval(timer);
      if (code !== 0) reject(new Error(`${script} ended with ${String(code)}`));
      const sum = [...peaks.values()].reduce((total, peak) => total + peak, 0);
      resolve(sum === 0 ? NaN : sum);
    });
  });
}

/** A process and all that it started. */
function familyOf(pid: string): readonly string[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return [pid, ...children.flatMap(familyOf)];
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
    // It has ended meanwhile.
    return 0;
  }
}
