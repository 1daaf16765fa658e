import { spawnSync } from 'node:child_process';
import { projectPath } from '../../support/root';

/** Runs the built command line, to compare what it says with what the screen shows. */
export function runCli(...args: string[]): { readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [projectPath('dist/cli.js'), ...args], { encoding: 'utf8' });
}
