import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectPath } from '../support/root';
import { launchBrowser } from './host/launchBrowser';
import { startWorkbench } from './host/startWorkbench';
import { DriftScreen } from './walk/driftScreen';
import { OverviewScreen } from './walk/overviewScreen';
import { Screen } from './walk/screen';
import { StatisticsScreen } from './walk/statisticsScreen';

const themes = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  contrast: 'Default High Contrast',
} as const;

/** Takes pictures of every surface with the sample models, in each theme: to look at, and for the documentation. */
export async function takePictures(vsix: string, target: string): Promise<void> {
  const browser = await launchBrowser();
  mkdirSync(target, { recursive: true });
  try {
    for (const [name, theme] of Object.entries(themes)) {
      const parent = realpathSync(mkdtempSync(join(tmpdir(), 'fusebn-pictures-')));
      const folder = join(parent, 'models');
      cpSync(projectPath('samples'), folder, { recursive: true });
      const settings = { 'workbench.colorTheme': theme, 'editor.minimap.enabled': false };
      const workbench = await startWorkbench({ vsix, settings });
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      try {
        const page = await context.newPage();
        await page.goto(workbench.folderUrl(folder), { waitUntil: 'domcontentloaded' });
        const screen = new Screen(page);
        await screen.ready();
        await tour(screen, async (picture) => {
          await page.screenshot({ path: join(target, `${picture}-${name}.png`) });
        });
      } finally {
        await context.close();
        await workbench.stop();
        rmSync(parent, { recursive: true, force: true });
      }
    }
  } finally {
    await browser.close();
  }
}

type Shoot = (picture: string) => Promise<void>;

async function tour(screen: Screen, shoot: Shoot): Promise<void> {
  await screen.showModels();
  await screen.page.locator('.welcome-view-content:visible').first().waitFor();
  await shoot('welcome');

  await screen.page.locator('.welcome-view-content:visible a', { hasText: 'See how' }).click();
  await screen.page
    .locator('.getting-started-category-button, .getting-started-step')
    .first()
    .waitFor();
  await shoot('walkthrough');
  await screen.runCommand('View: Close All Editors');

  await screen.showExplorer();
  await screen.explorerRow('scenenet.onnx').click({ button: 'right' });
  await screen.page.locator('.monaco-menu .action-item', { hasText: 'Fuse Conv' }).hover();
  await shoot('menu');
  await screen.page.keyboard.press('Escape');

  const overview = new OverviewScreen(screen.page);
  await screen.explorerRow('scenenet.onnx').dblclick();
  await overview.drawing('stem.0').waitFor();
  await overview.grid.focus();
  await screen.page.keyboard.press('End');
  await overview.row('/mix/mix.0/Conv').click();
  await overview.drawing('mix.0').waitFor();
  await shoot('overview');
  await screen.chooseInExplorer('scenenet.pth', 'Show Overview');
  await overview.row('stage1.1.expand.0').filter({ hasText: 'confirmed' }).click();
  await overview.legend.filter({ hasText: 'inferred' }).waitFor();
  await shoot('overview-checkpoint');
  await screen.runCommand('View: Close All Editors');

  await screen.chooseInExplorer('scenenet.onnx', 'Show Fusable Pairs');
  const row = screen.treeRow('mix.0');
  await row.waitFor();
  const hover = screen.page.locator('.monaco-hover:visible table').first();
  await screen.hoverFor(row, hover);
  await shoot('models');

  await screen.chooseInTree('mix.0', 'Reveal in Structure');
  const lens = screen.lens('blocked:');
  await lens.waitFor();
  await shoot('structure');

  const line = screen.page.locator('.view-line', { hasText: '["/mix/mix.0/Conv"]' });
  await screen.hoverFor(line.locator('span').nth(2), hover);
  await shoot('hover');

  await screen.runCommand('FuseBN: Compare Before and After');
  await screen.page.locator('.monaco-diff-editor .line-delete').first().waitFor();
  await shoot('compare');

  await screen.chooseInExplorer('scenenet.onnx', 'Fuse Conv + BatchNorm');
  await screen.toast('pairs folded').waitFor();
  await shoot('result');

  await screen.chooseInExplorer('scenenet.onnx', 'Fuse Conv + BatchNorm');
  await screen.dialog.waitFor();
  await shoot('overwrite');
  await screen.dialog.getByText('Cancel').click();

  await screen.runCommand('Problems: Focus on Problems View');
  await screen.showModels();
  await screen.page.locator('.action-label[aria-label="Group by Module"]').first().click();
  await screen.treeRow('Fusable').waitFor({ state: 'detached' });
  await screen.treeRow('stage1.0').waitFor();
  await shoot('modules');

  await screen.chooseInExplorer('scenenet.pth', 'Show Structure');
  await screen.lens('Conv2d 3→16').waitFor();
  await shoot('checkpoint');

  await screen.chooseInExplorer('scenenet.onnx', 'Show Numeric Drift');
  const drift = new DriftScreen(screen.page);
  await drift.measured();
  await shoot('drift');
  await screen.chooseInExplorer('scenenet.pth', 'Show Numeric Drift');
  await drift.note.waitFor();
  await drift.row('stem.0').click();
  await drift.detail('stem.0').waitFor();
  await drift.canvas.hover();
  await shoot('drift-detail');
  await screen.runCommand('View: Close All Editors');
  await screen.runCommand('View: Toggle Panel Visibility');
  await screen.runCommand('Notifications: Clear All Notifications');
  await screen.chooseInExplorer('scenenet.pth', 'Show Fusable Pairs');
  await screen.treeRow('scenenet.pth').filter({ hasText: 'confirmed' }).waitFor();
  await screen.chooseInTree('scenenet.pth', 'Show Statistics');
  const statistics = new StatisticsScreen(screen.page);
  await statistics.shows('mix.0');
  await shoot('statistics-blocked');
  await statistics.pairs.selectOption('stage1.0.expand.0');
  await statistics.shows('stage1.0.expand.0');
  await statistics.slider.focus();
  await screen.page.keyboard.press('Home');
  await statistics.selectedRow.waitFor();
  await shoot('statistics');
}
