import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InspectReport } from '../../../src/protocol/reports';
import { OverviewScreen } from './overviewScreen';
import { runCli } from './runCli';
import type { Screen } from './screen';
import type { Story } from './story';

/** A person looks at models in the editor that opens them. */
export const overviewStory: Story = {
  title: 'Overview',
  steps: [
    {
      title: 'a double click in the Explorer opens the overview with the counts of inspect',
      async run(screen, folder) {
        await screen.showExplorer();
        await screen.explorerRow('mixed.onnx').dblclick();
        const { counts, pairs } = inspect(folder, 'mixed.onnx');
        const overview = page(screen);
        const words = `${counts.fusable} fusable, ${counts.skipped} skipped, ${counts.blocked} blocked`;
        await overview.picture(words).waitFor();
        await overview.choice(`all ${pairs.length}`).waitFor();
        for (const verdict of ['fusable', 'skipped', 'blocked'] as const) {
          await overview.choice(`${verdict} ${counts[verdict]}`).waitFor();
        }
        await screen.statusBar.filter({ hasText: '2 fusable · 1 skipped · 1 blocked' }).waitFor();
      },
    },
    {
      title: 'the table says of each pair what inspect says',
      async run(screen, folder) {
        const { pairs } = inspect(folder, 'mixed.onnx');
        const cells = await page(screen).cells();
        assert.deepEqual(
          cells.map(([verdict, conv, , , , reason]) => [verdict, conv, reason]),
          pairs.map(({ verdict, conv, reasons }) => [
            verdict,
            conv.name,
            reasons[0]?.message ?? '',
          ]),
        );
      },
    },
    {
      title: 'the keyboard goes from pair to pair, each with the layers around it',
      async run(screen) {
        const overview = page(screen);
        await overview.grid.focus();
        await screen.page.keyboard.press('End');
        await screen.page.keyboard.press('ArrowUp');
        await overview.drawing('block/conv2').waitFor();
        await overview.pair('block/conv2').getByText('also read by block/add').waitFor();
        const boxes = await overview.layer(/./).allInnerTexts();
        assert.deepEqual(
          boxes.map((text) => text.split('\n').at(-1)),
          ['block/bn1', 'block/relu', 'block/conv2', 'block/bn2', 'block/add'],
        );
      },
    },
    {
      title: 'a click on a layer of another pair goes to that pair',
      async run(screen) {
        const overview = page(screen);
        await overview.layer('block/bn1').click();
        await overview.drawing('block/conv1').waitFor();
        await overview.selectedRow.filter({ hasText: 'block/conv1' }).waitFor();
      },
    },
    {
      title: 'the filters take words, and one verdict alone',
      async run(screen) {
        const overview = page(screen);
        await overview.filter.fill('block bn2');
        await overview.holds(1);
        await overview.row('block/conv2').waitFor();
        await overview.filter.fill('');
        await overview.choice(/skipped/).click();
        await overview.holds(1);
        await overview.row('head/up').waitFor();
        await overview.choice(/all/).click();
        await overview.holds(4);
      },
    },
    {
      title: 'titles sort, up, down, and back to the order of the file',
      async run(screen) {
        const overview = page(screen);
        const order = async (): Promise<readonly (string | undefined)[]> =>
          (await overview.cells()).map(([, conv]) => conv);
        const own = await order();
        await overview.columnTitle('Convolution').click();
        await overview.grid.locator('[aria-sort="ascending"]').waitFor();
        assert.deepEqual(await order(), own.toSorted());
        await overview.columnTitle('Convolution').click();
        await overview.grid.locator('[aria-sort="descending"]').waitFor();
        assert.deepEqual(await order(), own.toSorted().toReversed());
        await overview.columnTitle('Convolution').click();
        assert.deepEqual(await order(), own);
      },
    },
    {
      title: 'what was chosen is there again after the window was reloaded',
      async run(screen) {
        const overview = page(screen);
        await overview.row('block/conv2').click();
        await overview.filter.fill('block');
        await overview.holds(2);
        await screen.reload('"filter":"block"');
        await screen.ready();
        await overview.drawing('block/conv2').waitFor();
        await overview.holds(2);
        assert.equal(await overview.filter.inputValue(), 'block');
        await overview.filter.fill('');
      },
    },
    {
      title: 'a double click on a pair, and Reveal in Structure, go to its line in the listing',
      async run(screen, folder) {
        await page(screen).row('stem/conv').dblclick();
        await screen.tab('mixed.onnx (structure)').waitFor();
        await screen.currentLine(lineOf(folder, 'stem/conv')).waitFor();
        await page(screen).row('block/conv2').click();
        await page(screen).pair('block/conv2').waitFor();
        await page(screen).button('Reveal in Structure').click();
        await screen.currentLine(lineOf(folder, 'block/conv2')).waitFor();
      },
    },
    {
      title: 'a pair chosen in the view is shown, and the overview closes with its model',
      async run(screen) {
        await screen.showModels();
        await screen.treeRow('head/up').click();
        await page(screen).drawing('head/up').waitFor();
        await screen.chooseInTree('mixed.onnx', 'Close');
        await screen
          .tab('mixed.onnx')
          .filter({ hasNotText: 'structure' })
          .waitFor({ state: 'detached' });
      },
    },
    {
      title:
        'a broken file shows the sentence of the command line, and its pairs once it is mended',
      async run(screen, folder) {
        await screen.runCommand('View: Close All Editors');
        await screen.showExplorer();
        await screen.explorerRow('broken.onnx').dblclick();
        const { stderr } = runCli('inspect', join(folder, 'broken.onnx'));
        const sentence = stderr.trim().replace('fusebn: ', '');
        const overview = page(screen);
        await overview.failure.getByText(sentence, { exact: true }).waitFor();
        await overview.button('Try Again').click();
        await overview.failure.getByText(sentence, { exact: true }).waitFor();
        copyFileSync(join(folder, 'mixed.onnx'), join(folder, 'broken.onnx'));
        await overview.choice('all 4').waitFor();
      },
    },
    {
      title: 'a checkpoint is opened by choice, and says what the statistics infer',
      async run(screen) {
        await screen.chooseInExplorer('trained.pth', 'Show Overview');
        const overview = page(screen);
        await overview.columnTitle('Statistics').waitFor();
        await overview
          .row('stage1.0.expand.0')
          .filter({ hasText: 'fed by relu/relu6(stem.1) (inferred)' })
          .click();
        await overview.drawing('stage1.0.expand.0').waitFor();
        await overview.legend.filter({ hasText: 'inferred from the statistics' }).waitFor();
        const names = (await overview.layer(/./).allInnerTexts()).map((text) =>
          text.split('\n').at(-1),
        );
        assert.deepEqual(names.slice(0, 4), [
          'stem.1',
          'relu/relu6',
          'stage1.0.expand.0',
          'stage1.0.expand.1',
        ]);
      },
    },
    {
      title: 'its buttons open the statistics of a pair, and fuse',
      async run(screen) {
        const pair = page(screen).pair('stage1.0.expand.0');
        await pair.getByRole('button', { name: 'Statistics' }).click();
        await screen.tab('Statistics: trained.pth').waitFor();
        await screen.page.locator('.tab[aria-label^="trained.pth"]').click();
        await pair.waitFor();
        await page(screen).button('Fuse…').click();
        await screen.quickPick.getByText('Drop-in').first().click();
        await screen.toast('trained.fused.pth').waitFor();
      },
    },
    {
      title: 'a model that was only looked at leaves the view with its overview',
      async run(screen) {
        await screen.showModels();
        await screen.treeRow('broken.onnx').waitFor();
        await screen.runCommand('View: Close All Editors');
        await screen.treeRow('broken.onnx').waitFor({ state: 'detached' });
        await screen.treeRow('trained.pth').waitFor();
      },
    },
  ],
};

function page(screen: Screen): OverviewScreen {
  return new OverviewScreen(screen.page);
}

function inspect(folder: string, name: string): InspectReport {
  const { stdout } = runCli('inspect', join(folder, name), '--json');
  return JSON.parse(stdout) as InspectReport;
}

/** The line of an ONNX layer in its model's listing, counted from 1. */
function lineOf(folder: string, layer: string): number {
  const { stdout } = runCli('structure', join(folder, 'mixed.onnx'));
  return stdout.split('\n').findIndex((line) => line.includes(`["${layer}"]`)) + 1;
}
