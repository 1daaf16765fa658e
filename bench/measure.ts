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
  const { wallMs, stdout } = runProcess(
    process.execPath,
    ['--require', join(outdir, 'reportUsage.cjs'), script, ...args],
    { FUSEBN_BENCH_USAGE: usage },
  );
  const figures: unknown = JSON.parse(readFileSync(usage, 'utf8'));
  rmSync(usage);
  return { wallMs, stdout, ...decodeUsage(figures) };
}

/** Runs a Python script that prints its peak of memory; null when this Python cannot run it. */
export function runPython(python: string, script: string, args: readonly string[]): Run | null {
  try {
    const { wallMs, stdout } = runProcess(python, [script, ...args]);
    return { wallMs, stdout, cpuMs: NaN, peakBytes: Number(stdout) };
  } catch {
    // No Python, or one without PyTorch: the comparison is left out, and the table says so.
    return null;
  }
}

/** The run in the middle by time; an even number of runs has its lower middle. */
export function median(runs: readonly Run[]): Run {
  const sorted = runs.toSorted((a, b) => a.wallMs - b.wallMs);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new RangeError('no runs');
  return middle;
}

function runProcess(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { wallMs: number; stdout: string } {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  const wallMs = performance.now() - start;
  if (status !== 0) throw new Error(`${program} ended with ${String(status)}: ${stderr}${stdout}`);
  return { wallMs, stdout };
}

function decodeUsage(value: unknown): { peakBytes: number; cpuMs: number } {
  if (typeof value !== 'object' || value === null) throw new TypeError('no usage was reported');
  const { peakBytes, cpuMs } = value as Record<string, unknown>;
  if (typeof peakBytes !== 'number' || typeof cpuMs !== 'number') {
    throw new TypeError('no usage was reported');
  }
  return { peakBytes, cpuMs };
}
