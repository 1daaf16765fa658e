import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installWorkbench, type Workbench } from './installWorkbench';
import { quietSettings } from './quietSettings';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

export interface WorkbenchOptions {
  /** The packaged extension to install before the start. */
  readonly vsix: string;
  /** User settings on top of the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Lets the address name a test to run in the extension host. VS Code shows no notifications then. */
  readonly acceptsTests?: boolean;
  /** A free port by default. */
  readonly port?: number;
}

/** A running browser workbench with a user folder of its own. Who starts it stops it. */
export interface RunningWorkbench {
  readonly origin: string;
  /** Address of the workbench opened on a folder. */
  folderUrl(folder: string): string;
  /** Everything VS Code printed so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts VS Code as a server on 127.0.0.1 with the packaged extension in it, and waits until it answers. */
export async function startWorkbench(options: WorkbenchOptions): Promise<RunningWorkbench> {
  const workbench = installWorkbench();
  // Short, because a unix socket with a limit of 107 characters lives in it.
  const home = mkdtempSync(join(tmpdir(), 'fusebn-'));
  mkdirSync(join(home, 'user/User'), { recursive: true });
  const settings = { ...quietSettings, ...options.settings };
  writeFileSync(join(home, 'user/User/settings.json'), JSON.stringify(settings, null, 2));
  installExtension(workbench, home, options.vsix);

  const port = options.port ?? (await freePort());
  const logFile = join(home, 'log.txt');
  const log = openSync(logFile, 'w');
  const child = spawn(
    workbench.node,
    [
      ...serverArguments(workbench, home),
      ...(options.acceptsTests === true ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
      ...['--bind-addr', `127.0.0.1:${port}`, '--auth', 'none'],
    ],
    { env: serverEnvironment(home), detached: true, stdio: ['ignore', log, log] },
  );
  const stop = async (): Promise<void> => {
    await endGroup(child);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await untilHealthy(origin, child);
  } catch (cause) {
    const output = readFileSync(logFile, 'utf8');
    await stop();
    throw new Error(`the workbench did not start\n${output}`, { cause });
  }
  return {
    origin,
    folderUrl: (folder) => `${origin}/?folder=${encodeURIComponent(folder)}`,
    log: () => readFileSync(logFile, 'utf8'),
    stop,
  };
}

function serverArguments(workbench: Workbench, home: string): string[] {
  return [
    workbench.entry,
    ...['--config', join(home, 'config.yaml')],
    ...['--user-data-dir', join(home, 'user')],
    ...['--extensions-dir', join(home, 'extensions')],
    '--disable-telemetry',
    '--disable-update-check',
    '--disable-workspace-trust',
    '--disable-getting-started-override',
  ];
}

function serverEnvironment(home: string): NodeJS.ProcessEnv {
  const isEditors = (name: string): boolean => /^(VSCODE|ELECTRON)_/.test(name);
  const inherited = Object.entries(process.env).filter(([name]) => !isEditors(name));
  const noGallery = { serviceUrl: '', itemUrl: '', resourceUrlTemplate: '' };
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    EXTENSIONS_GALLERY: JSON.stringify(noGallery),
  };
}

function installExtension(workbench: Workbench, home: string, vsix: string): void {
  const run = spawnSync(
    workbench.node,
    [...serverArguments(workbench, home), '--install-extension', vsix],
    { env: serverEnvironment(home), encoding: 'utf8' },
  );
  if (!run.stdout.includes('successfully installed')) {
    throw new Error(`${vsix} could not be installed\n${run.stdout}${run.stderr}`);
  }
}

async function untilHealthy(origin: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`);
    // Refused until the server listens.
    const answer = await fetch(`${origin}/healthz`).catch(() => null);
    if (answer?.ok === true) return;
    await delay(100);
  }
  throw new Error(`it did not answer within ${START_TIMEOUT_MS} ms`);
}

/** Ends the process group that `child` leads, and nothing else. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const group = -child.pid;
  const isGone = new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(true);
    else child.once('exit', resolve);
  });
  signal(group, 'SIGTERM');
  await Promise.race([isGone, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  signal(group, 'SIGKILL');
  await isGone;
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(group, name);
  } catch {
    // The group has ended already, which is what the signal is for.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no free port'));
      });
    });
  });
}
