import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { DriftReport, MetricsReport } from '../../../src/protocol/drift';
import { DriftScreen } from './driftScreen';
import { runCli } from './runCli';
import type { Screen } from './screen';
import type { Story } from './story';

/** A person fuses a model and looks at what that changed. */
export const driftStory: Story = {
  title: 'Drift',
  steps: [
    {
      title: 'Show Drift after a fuse opens the page, and every layer arrives',
      async run(screen) {
        await screen.chooseInExplorer('mixed.onnx', 'Fuse Conv + BatchNorm');
        await screen.toast('pairs folded').getByText('Show Drift').click();
        await screen.tab('Drift: mixed.onnx ↔ mixed.fused.onnx').waitFor();
        await page(screen).measured();
      },
    },
    {
      title: 'the table says what the command line says',
      async run(screen, folder) {
        const { layers } = report(folder);
        const cells = await page(screen).cells();
        assert.deepEqual(
          cells.map(([position, layer, label, isolated]) => [position, layer, label, isolated]),
          layers.map((layer, idx) => [
            String(idx + 1),
            layer.id,
            layer.label ?? 'not found',
            decibels(layer.isolated),
          ]),
        );
        layers.forEach(({ accumulated }, idx) => {
          const shown = Number.parseFloat((cells[idx]?.[4] ?? '').replace('−', '-'));
          // Two runs of WebAssembly on several threads may add in another order.
          const gap = Math.abs(shown - Number(accumulated?.sqnrDb));
          assert.ok(gap < 1 || accumulated?.sqnrDb === 'identical', cells[idx]?.join());
        });
      },
    },
    {
      title: 'the chart says so too, layer by layer, by the keyboard alone',
      async run(screen, folder) {
        const { layers } = report(folder);
        const values = await page(screen).chartValues(layers.length);
        layers.forEach(({ id, label, isolated }, idx) => {
          const expected = `${id}; ${label ?? ''}; isolated ${decibels(isolated)}`;
          assert.ok(values[idx]?.startsWith(expected), values[idx]);
        });
        const summary = screen.page.frameLocator('iframe.webview.ready >> visible=true');
        const text = summary.frameLocator('iframe#active-frame').locator('#chart-summary');
        assert.match((await text.textContent()) ?? '', new RegExp(`^${layers.length} layers`));
      },
    },
    {
      title: 'a click on a title sorts',
      async run(screen, folder) {
        const drift = page(screen);
        await drift.columnTitle('Isolated').click();
        await drift.grid.locator('[aria-sort="ascending"]').waitFor();
        const sorted = report(folder).layers.toSorted(
          (a, b) => worth(a.isolated) - worth(b.isolated),
        );
        const shown = (await drift.cells()).map(([, layer]) => layer);
        assert.deepEqual(
          shown,
          sorted.map(({ id }) => id),
        );
      },
    },
    {
      title: 'text and labels filter',
      async run(screen) {
        const drift = page(screen);
        await drift.filter.fill('stem');
        await drift.row('block/conv1').waitFor({ state: 'hidden' });
        assert.equal(await drift.rows.count(), 1);
        await drift.filter.fill('');
        await drift.choice(/^bad/).click();
        await drift.rows.first().waitFor({ state: 'hidden' });
        await drift.choice(/^all/).click();
        await drift.row('block/conv1').waitFor();
      },
    },
    {
      title: 'a click on a layer shows it in full, in the structure and in the view',
      async run(screen) {
        const drift = page(screen);
        await drift.row('block/conv1').click();
        await drift.detail('block/conv1').waitFor();
        await screen.tab('mixed.onnx (structure)').waitFor();
        await screen.lens('fusable · Conv 8→8 3×3 + bn1').waitFor();
        await screen.selectedTreeRow('block/conv1').waitFor();
      },
    },
    {
      title: 'a pair chosen in the view is chosen on the page',
      async run(screen) {
        await screen.treeRow('stem/conv').click();
        await page(screen).selectedRow.filter({ hasText: 'stem/conv' }).waitFor();
      },
    },
    {
      title: 'the cursor in the structure chooses its layer on the page',
      async run(screen) {
        for (const layer of ['block/conv1', 'stem/conv']) {
          await screen.page
            .locator('.view-line', { hasText: `["${layer}"]` })
            .first()
            .click();
          await page(screen).selectedRow.filter({ hasText: layer }).waitFor();
        }
      },
    },
    {
      title: 'pointing at a layer shades its line in the structure',
      async run(screen) {
        const shade = screen.page.locator('.view-overlays [class*="TextEditorDecorationType"]');
        await page(screen).row('block/conv1').hover();
        await shade.first().waitFor();
        await page(screen).filter.hover();
        await shade.first().waitFor({ state: 'detached' });
      },
    },
    {
      title: 'exports are what the command line writes',
      async run(screen, folder) {
        await exportAs(screen, 'JSON');
        const json = await written(join(folder, 'mixed.drift.json'));
        const exported = JSON.parse(json.toString()) as DriftReport;
        const { layers } = report(folder);
        assert.deepEqual(
          exported.layers.map(({ id, isolated }) => [id, isolated]),
          layers.map(({ id, isolated }) => [id, isolated]),
        );
        await exportAs(screen, 'CSV');
        const csv = (await written(join(folder, 'mixed.drift.csv'))).toString();
        assert.equal(csv.split('\r\n').length, layers.length + 2);
        assert.match(csv, /^id,candidate,label,recipe,isolated_maxAbs,/);
      },
    },
    {
      title: 'the chart is saved as a picture',
      async run(screen, folder) {
        await exportAs(screen, 'PNG');
        const png = await written(join(folder, 'mixed.drift.png'));
        assert.equal(png.toString('latin1', 1, 4), 'PNG');
        assert.ok(png.length > 10_000, `${png.length} bytes`);
      },
    },
    {
      title: 'results survive a reload of the window, without a new measurement',
      async run(screen, folder) {
        const before = await page(screen).cells();
        // What is gone cannot be measured again.
        renameSync(join(folder, 'mixed.fused.onnx'), join(folder, 'gone.onnx'));
        await screen.reload('"selected":"stem/conv"');
        await screen.tab('Drift: mixed.onnx ↔ mixed.fused.onnx').click();
        await page(screen).measured();
        await page(screen).selectedRow.filter({ hasText: 'stem/conv' }).waitFor();
        assert.deepEqual(await page(screen).cells(), before);
      },
    },
    {
      title: 'a checkpoint is measured pair by pair, and the page says why',
      async run(screen) {
        await screen.chooseInExplorer('checkpoint.pth', 'Show Numeric Drift');
        await screen.tab('Drift: checkpoint.pth').waitFor();
        await page(screen).measured();
        await page(screen).note.filter({ hasText: 'Accumulated drift needs a network' }).waitFor();
      },
    },
  ],
};

function page(screen: Screen): DriftScreen {
  return new DriftScreen(screen.page);
}

/** The command line's report of the same comparison, in the runtime that the extension brings. */
function report(folder: string): DriftReport {
  const files = [
    'mixed.onnx',
    existsSync(join(folder, 'gone.onnx')) ? 'gone.onnx' : 'mixed.fused.onnx',
  ];
  const paths = files.map((name) => join(folder, name));
  const { stdout } = runCli('drift', ...paths, '--runtime', 'wasm', '--json');
  return JSON.parse(stdout) as DriftReport;
}

function worth(metrics: MetricsReport | null): number {
  const decibel = metrics?.sqnrDb ?? NaN;
  return typeof decibel === 'number' ? decibel : decibel === 'identical' ? Infinity : -Infinity;
}

function decibels(metrics: MetricsReport | null): string {
  const decibel = metrics?.sqnrDb ?? NaN;
  return typeof decibel === 'number' ? `${decibel.toFixed(1)} dB` : decibel;
}

/** Exports and accepts the place that the dialog proposes. */
async function exportAs(screen: Screen, format: string): Promise<void> {
  await page(screen).button(format).click();
  const input = screen.quickPick.locator('input.input');
  await input.waitFor();
  await screen.page.keyboard.press('Enter');
  await input.waitFor({ state: 'hidden' });
}

async function written(path: string): Promise<Buffer> {
  for (let attempt = 0; !existsSync(path) && attempt < 100; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return readFileSync(path);
}
