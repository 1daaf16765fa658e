import { format } from 'node:util';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { projectPath } from '../support/root';
import { launchBrowser } from './host/launchBrowser';
import { startWorkbench, type RunningWorkbench } from './host/startWorkbench';
import { testWorkspace } from './host/testWorkspace';

/** The suite itself takes seconds; a cold machine may need long to show the workbench. */
const TIMEOUT_MS = 180_000;

/** Runs `suite/` inside the extension host of a browser workbench that has the packaged extension. */
export async function runSuite(vsix: string): Promise<void> {
  console.log('Workbench suite: inside the extension host');
  const workspace = testWorkspace();
  const workbench = await startWorkbench({ vsix, acceptsTests: true });
  const browser = await launchBrowser();
  try {
    const code = await runInPage(browser, workbench, workspace.folder);
    if (code !== 0) throw new Error(`the suite failed (exit code ${code})`);
  } finally {
    await browser.close();
    await workbench.stop();
    workspace.dispose();
  }
}

/** The workbench takes the test's entry from its address and calls functions of the page with log lines and the exit code. */
async function runInPage(
  browser: Browser,
  workbench: RunningWorkbench,
  folder: string,
): Promise<number> {
  const page = await browser.newPage();
  const bench = emptyExtension();
  const exit = new Promise<number>((resolve, reject) => {
    const timeout = setTimeout(() => {
      reject(new Error(`no result within ${TIMEOUT_MS} ms\n${workbench.log()}`));
    }, TIMEOUT_MS);
    const done = (code: number): void => {
      clearTimeout(timeout);
      resolve(code);
    };
    void page.exposeFunction('codeAutomationExit', done);
  });
  await page.exposeFunction('codeAutomationLog', (_: string, args: unknown[]) => {
    const line = format(...args);
    if (line.includes('[suite]')) console.log(line.replace(/^.*\[suite\] ?/, ''));
  });
  const remote = (path: string): string =>
    `vscode-remote://${new URL(workbench.origin).host}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(bench)],
    ['extensionTestsPath', remote(projectPath('out/workbench/suite/index.cjs'))],
    ['extensionDevelopmentKind', 'workspace'],
  ];
  const address = `${workbench.folderUrl(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
  try {
    await page.goto(address, { waitUntil: 'domcontentloaded' });
    return await exit;
  } finally {
    rmSync(bench, { recursive: true, force: true });
  }
}

/** VS Code wants an extension under development; ours is installed as a package, so an empty one stands in. */
function emptyExtension(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fusebn-bench-'));
  const manifest = {
    name: 'fusebn-suite',
    publisher: 'fusebn',
    version: '0.0.1',
    engines: { vscode: '^1.100.0' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}
