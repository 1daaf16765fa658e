import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import {
  downloadAndUnzipVSCode,
  resolveCliArgsFromVSCodeExecutablePath,
  runTests,
} from '@vscode/test-electron';
import { projectPath } from '../support/root';
import { hasWorkbench } from './host/installWorkbench';
import { testWorkspace } from './host/testWorkspace';
import { runSuite } from './runSuite';

/** Runs `suite/` in a desktop VS Code with the packaged extension; where none can be downloaded, in the browser workbench. */
export async function runSuiteOnDesktop(vsix: string): Promise<void> {
  const executable = await download();
  if (executable === null) {
    if (!hasWorkbench()) throw new Error('VS Code cannot be downloaded here');
    console.log('VS Code cannot be downloaded here: the browser workbench serves instead.');
    return runSuite(vsix);
  }
  console.log('Workbench suite: inside a desktop VS Code');
  const home = projectPath('.vscode-test', 'desktop');
  mkdirSync(home, { recursive: true });
  const [cli = executable, ...args] = resolveCliArgsFromVSCodeExecutablePath(executable);
  const install = spawnSync(cli, [...args, '--install-extension', vsix, '--force'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (install.status !== 0) throw new Error(`the extension was not installed\n${install.stderr}`);
  const workspace = testWorkspace();
  try {
    await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: home,
      extensionTestsPath: projectPath('out/workbench/suite/index.cjs'),
      launchArgs: [workspace.folder, '--disable-workspace-trust'],
    });
  } finally {
    workspace.dispose();
  }
}

async function download(): Promise<string | null> {
  try {
    return await downloadAndUnzipVSCode({
      version: 'stable',
      cachePath: projectPath('.vscode-test'),
    });
  } catch {
    // No way to the internet, which is what the browser workbench is for.
    return null;
  }
}
