import { spawnSync } from 'node:child_process';
import { projectPath } from '../../support/root';

/** Builds the extension and packs it as it is published. Returns the path of the VSIX. */
export function packageExtension(): string {
  const run = spawnSync('npm', ['run', '--silent', 'package'], {
    cwd: projectPath(),
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`npm run package failed\n${run.stdout}${run.stderr}`);
  return projectPath('dist', 'fusebn.vsix');
}
