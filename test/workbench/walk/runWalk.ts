import { launchBrowser } from '../host/launchBrowser';
import { startWorkbench } from '../host/startWorkbench';
import { testWorkspace } from '../host/testWorkspace';
import { Screen } from './screen';
import { stories } from './stories';
import { tell } from './story';

/** No single step takes this long on a slow machine with a cold cache. */
const STEP_TIMEOUT_MS = 60_000;

/** Walks through a browser workbench like a person, story by story, each in a fresh window; or through one of them. */
export async function runWalk(vsix: string, title?: string): Promise<void> {
  console.log('Workbench walk: on the screen');
  const browser = await launchBrowser();
  try {
    for (const story of stories.filter((each) => title === undefined || each.title === title)) {
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
  } finally {
    await browser.close();
  }
}
