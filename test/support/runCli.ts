import { spawn } from 'node:child_process';
import { bundledScript } from './bundledEngine';

/** What a run of the command line left. */
export interface CliRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Time the process was computing; other processes on the machine do not count. */
  readonly cpuMs: number;
  /** The most memory the process ever held. */
  readonly peakBytes: number;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called when the process runs, to send it signals. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs `fusebn …args` in a process of its own, on a stream that is no terminal. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const usage =
    'process.on("exit", () => process.channel && process.send(process.resourceUsage()))';
  const child = spawn(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(usage)}`,
      bundledScript('cli'),
      ...args,
    ],
    {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  let [stdout, stderr, peakBytes, cpuMs] = ['', '', 0, 0];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.on('message', ({ maxRSS, userCPUTime, systemCPUTime }: NodeJS.ResourceUsage) => {
    peakBytes = maxRSS * 1024;
    cpuMs = (userCPUTime + systemCPUTime) / 1000;
  });
  options.onStart?.((signal) => child.kill(signal));
  return new Promise((resolve) => {
    child.once('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr, cpuMs, peakBytes });
    });
  });
}

/** Runs with `--json` and parses the one object on stdout. */
export async function runCliJson(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliRun & { readonly json: Record<string, unknown> }> {
  const run = await runCli([...args, '--json'], options);
  const json = JSON.parse(run.stdout) as Record<string, unknown>;
  return { ...run, json };
}
