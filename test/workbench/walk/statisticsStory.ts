import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { PairReport, InspectReport } from '../../../src/protocol/reports';
import { writeLargeCheckpoint } from './largeCheckpoint';
import { runCli } from './runCli';
import type { Screen } from './screen';
import { StatisticsScreen } from './statisticsScreen';
import type { Story } from './story';

const TRUE_PAIR = 'stage1.0.expand.0';
const BLOCKED_PAIR = 'mix.0';
const LARGE = 'large.safetensors';

/** A person looks at what the running statistics of a checkpoint say. */
export const statisticsStory: Story = {
  title: 'Statistics',
  steps: [
    {
      title: 'a confirmed pair says in the view what feeds it, and that this is inferred',
      async run(screen) {
        await screen.chooseInExplorer('trained.pth', 'Show Fusable Pairs');
        const found = 'confirmed · fed by relu/relu6(stem.1) (inferred) · fit 0.999';
        await screen.treeRow(TRUE_PAIR).filter({ hasText: found }).waitFor();
        const hover = screen.page.locator('.monaco-hover:visible').filter({ hasText: TRUE_PAIR });
        const tooltip = hover.locator('table').first();
        await screen.hoverFor(screen.treeRow(TRUE_PAIR), tooltip);
        assert.match(await tooltip.innerText(), /fed by \(inferred\)\s+relu\/relu6\(stem\.1\)/);
      },
    },
    {
      title: 'Show Statistics opens the picture of a true pair from the view: a line',
      async run(screen, folder) {
        await screen.chooseInTree(TRUE_PAIR, 'Show Statistics');
        await screen.tab('Statistics: trained.pth').waitFor();
        await page(screen).shows(TRUE_PAIR);
        const { fit, sentence } = findingOf(folder, TRUE_PAIR);
        const { channels } = pairOf(folder, TRUE_PAIR).bn;
        assert.ok(fit !== null && fit > 0.99);
        await page(screen).scatter(`${channels} channels, fit 0.999: a line`).waitFor();
        await page(screen).finding.filter({ hasText: sentence }).waitFor();
        await page(screen)
          .chosenCandidate.filter({ hasText: 'fed by relu/relu6(stem.1)' })
          .waitFor();
      },
    },
    {
      title: 'other convolutions are a cloud, and the arrow keys flip through the candidates',
      async run(screen) {
        const statistics = page(screen);
        await statistics
          .candidate(/· fed by /)
          .first()
          .click();
        await statistics.scatter('a cloud').waitFor();
        await statistics.slider.focus();
        await screen.page.keyboard.press('ArrowRight');
        await screen.page.keyboard.press('ArrowLeft');
        await statistics.scatter('a cloud').waitFor();
        await statistics.button('Next candidate').click();
        await statistics.button('Previous candidate').click();
        await statistics.candidate('fed by relu/relu6(stem.1)').click();
        await statistics.scatter('a line').waitFor();
        await statistics.announcement.filter({ hasText: 'a line' }).waitFor({ state: 'attached' });
      },
    },
    {
      title: 'the table says what the chart says, channel by channel, in any order',
      async run(screen) {
        const statistics = page(screen);
        await statistics.columnTitle('Deviations').click();
        await statistics.columnTitle('Deviations').click();
        await statistics.grid.locator('[aria-sort="descending"]').waitFor();
        const [first, second] = await statistics.cells();
        assert.ok(first && second && Number(first[4]) >= Number(second[4]));
        await statistics.slider.focus();
        await screen.page.keyboard.press('Home');
        for (const cells of [first, second]) {
          const [channel = '', predicted = '', stored = '', , deviations = ''] = cells;
          const row = statistics.selectedRow.filter({ hasText: predicted });
          await row.waitFor();
          assert.equal((await row.getByRole('gridcell').first().textContent()) ?? '', channel);
          assert.equal(
            await statistics.slider.getAttribute('aria-valuetext'),
            `channel ${channel}: predicted ${predicted}, stored ${stored}, ${deviations} standard deviations apart`,
          );
          await screen.page.keyboard.press('ArrowDown');
        }
      },
    },
    {
      title: 'the axes can be those of the file',
      async run(screen) {
        const statistics = page(screen);
        await statistics.choice('as stored').click();
        await statistics.choice('in standard deviations').press('ArrowRight');
        assert.equal(await statistics.choice('as stored').getAttribute('aria-checked'), 'true');
      },
    },
    {
      title: 'the page goes from pair to pair, and shows one in the structure and in the view',
      async run(screen) {
        const statistics = page(screen);
        await statistics.button('Previous pair').click();
        await statistics.shows('stem.0');
        await statistics.pairs.selectOption('context');
        await statistics.shows('context');
        await statistics.button('Reveal in Structure').click();
        await screen.tab('trained.pth (structure)').waitFor();
        await screen.selectedTreeRow('context').waitFor();
      },
    },
    {
      title: 'a pair chosen in the view is shown on the page',
      async run(screen) {
        await screen.treeRow('stage2.1.expand.0').click();
        await page(screen).shows('stage2.1.expand.0');
      },
    },
    {
      title: 'a lens opens the picture of its pair',
      async run(screen) {
        await screen.runCommand('View: Close All Editors');
        await screen.chooseInExplorer('trained.pth', 'Show Structure');
        await screen.lens('Statistics: fed by relu/relu6(stem.1) (inferred)').click();
        await page(screen).shows(TRUE_PAIR);
      },
    },
    {
      title: 'the message of a blocked pair leads to its picture, which is no line',
      async run(screen) {
        await screen.tab('trained.pth (structure)').click();
        await screen.runCommand('Problems: Focus on Problems View');
        const problem = screen.page.locator('.markers-panel .monaco-list-row', {
          hasText: 'stands between the convolution and the BatchNorm',
        });
        await problem.click();
        await screen.page.keyboard.press('Control+.');
        await screen.chooseInMenu(`Show the statistics of ${BLOCKED_PAIR}`);
        await page(screen).shows(BLOCKED_PAIR);
        await page(screen).finding.filter({ hasText: 'contradicted' }).waitFor();
        const name = await page(screen).scatter().getAttribute('aria-label');
        assert.doesNotMatch(name ?? '', /: a line/);
      },
    },
    {
      title: 'the hover of a pair leads there too',
      async run(screen) {
        await screen.tab('trained.pth (structure)').click();
        const line = screen.page.locator('.view-line', { hasText: '(context): Conv2d' });
        const link = screen.page.locator('.monaco-hover:visible a', {
          hasText: 'Show the statistics as a picture',
        });
        await screen.showModels();
        await screen.chooseInTree('context', 'Reveal in Structure');
        await screen.hoverFor(line.locator('span', { hasText: 'Conv2d' }).last(), link);
        await link.click();
        await page(screen).shows('context');
      },
    },
    {
      title: 'a reload of the window brings the picture back as it was',
      async run(screen) {
        const statistics = page(screen);
        await statistics.choice('as stored').click();
        await statistics
          .candidate(/· fed by /)
          .first()
          .click();
        await statistics.scatter('a cloud').waitFor();
        const chosen = await statistics.chosenCandidate.textContent();
        const place = (await statistics.chosenCandidate.getAttribute('id'))?.match(/\d+$/)?.[0];
        await screen.reload(`"id":"context","view":{"candidate":${place ?? ''}`);
        await screen.tab('Statistics: trained.pth').click();
        await statistics.shows('context');
        await statistics.scatter('a cloud').waitFor();
        assert.equal(await statistics.chosenCandidate.textContent(), chosen);
        assert.equal(await statistics.choice('as stored').getAttribute('aria-checked'), 'true');
      },
    },
    {
      title: 'a test that takes long says how far it is, can be stopped, and be started again',
      async run(screen, folder) {
        writeLargeCheckpoint(join(folder, LARGE));
        await screen.chooseInExplorer(LARGE, 'Show Fusable Pairs');
        await screen.treeRow(LARGE).filter({ hasText: 'testing statistics' }).waitFor();
        await screen.viewMessage.filter({ hasText: /large\.safetensors: \d+ %/ }).waitFor();
        await screen.chooseInTree(LARGE, 'Show Statistics');
        const statistics = page(screen);
        await statistics.progress.filter({ hasText: /\d+ %/ }).waitFor();
        await statistics.button('Stop').click();
        await statistics.note.filter({ hasText: 'The test was stopped' }).waitFor();
        await statistics.progress.waitFor({ state: 'hidden' });
        await statistics.button('Test').click();
        await statistics.progress.waitFor();
        await statistics.button('Stop').click();
        await statistics.note.filter({ hasText: 'The test was stopped' }).waitFor();
      },
    },
  ],
};

function page(screen: Screen): StatisticsScreen {
  return new StatisticsScreen(screen.page);
}

function pairOf(folder: string, id: string): PairReport {
  const path = join(folder, 'trained.pth');
  const { stdout } = runCli('inspect', path, '--statistics', '--json');
  const { pairs } = JSON.parse(stdout) as InspectReport;
  const pair = pairs.find((each) => each.id === id);
  assert.ok(pair !== undefined);
  return pair;
}

function findingOf(folder: string, id: string): NonNullable<PairReport['statistics']> {
  const { statistics } = pairOf(folder, id);
  assert.ok(statistics !== null);
  return statistics;
}
