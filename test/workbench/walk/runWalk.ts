import type { Browser } from 'playwright-core';
import { launchBrowser } from '../host/launchBrowser';
import { startWorkbench } from '../host/startWorkbench';
import { testWorkspace } from '../host/testWorkspace';
import { Screen } from './screen';
import { stories } from './stories';
import { tell, type Story } from './story';

/** No single step takes this long on a slow machine with a cold cache. */
const STEP_TIMEOUT_MS = 60_000;
/** A machine that stands still for a moment may fail a story; what is wrong with the product fails it every time. */
const TRIES = 2;

/** Walks through a browser workbench like a person, story by story, each in a fresh window; or through one of them. */
export async function runWalk(vsix: string, title?: string): Promise<void> {
  console.log('Workbench walk: on the screen');
  const browser = await launchBrowser();
  try {
    for (const story of stories.filter((each) => title === undefined || each.title === title)) {
      await walk(browser, vsix, story);
    }
  } finally {
    await browser.close();
  }
}

/** Tells a story, and once more from its beginning when it failed. @throws the last failure. */
async function walk(browser: Browser, vsix: string, story: Story): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await walkOnce(browser, vsix, story);
      return;
    } catch (error) {
      if (attempt === TRIES) throw error;
      console.log(`  ${story.title}: failed, and is told once more`, error);
    }
  }
}

async function walkOnce(browser: Browser, vsix: string, story: Story): Promise<void> {
  const workspace = testWorkspace();
  story.prepare?.(workspace.folder);
  const workbench = await startWorkbench({ vsix });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_TIMEOUT_MS);
    await page.goto(workbench.folderUrl(workspace.folder), { waitUntil: 'domcontentloaded' });
    const screen = new Screen(page);
    await screen.ready();
    await tell(story, screen, workspace.folder);
  } finally {
    await context.close();
    await workbench.stop();
    workspace.dispose();
  }
}
