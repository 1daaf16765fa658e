import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** One run of a whole process. */
export interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly stdout: string;
}

/** Runs `node script …args` to its end and measures it from the outside. */
export function runNode(outdir: string, script: string, args: readonly string[]): Run {
  const usage = join(outdir, `usage-${process.pid}.json`);
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', join(outdir, 'reportUsage.cjs'), script, ...args],
    { encoding: 'utf8', env: { ...process.env, FUSEBN_BENCH_USAGE: usage } },
  );
  const wallMs = performance.now() - start;
  if (status !== 0) throw new Error(`${script} ended with ${String(status)}: ${stderr}${stdout}`);
  const figures: unknown = JSON.parse(readFileSync(usage, 'utf8'));
  rmSync(usage);
  return { wallMs, stdout, ...decodeUsage(figures) };
}

/** The run in the middle by time; an even number of runs has its lower middle. */
export function median(runs: readonly Run[]): Run {
  const sorted = runs.toSorted((a, b) => a.wallMs - b.wallMs);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new RangeError('no runs');
  return middle;
}

function decodeUsage(value: unknown): { peakBytes: number; cpuMs: number } {
  if (typeof value !== 'object' || value === null) throw new TypeError('no usage was reported');
  const { peakBytes, cpuMs } = value as Record<string, unknown>;
  if (typeof peakBytes !== 'number' || typeof cpuMs !== 'number') {
    throw new TypeError('no usage was reported');
  }
  return { peakBytes, cpuMs };
}
