import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from './runCli';
import type { Story } from './story';

/** A person opens an ONNX model, looks at its pairs, fuses it, and compares. */
export const onnxStory: Story = {
  title: 'ONNX model',
  steps: [
    {
      title: 'Show Fusable Pairs fills the view',
      async run(screen) {
        await screen.chooseInExplorer('mixed.onnx', 'Show Fusable Pairs');
        await screen.treeRow('stem/conv').waitFor();
        await screen.treeRow('block/conv2').waitFor();
        const counts = { hasText: '2 fusable · 1 skipped · 1 blocked' };
        await screen.treeRow('mixed.onnx').filter(counts).waitFor();
      },
    },
    {
      title: 'a blocked pair says why, and cannot be chosen',
      async run(screen) {
        const row = screen.treeRow('block/conv2');
        assert.match(await row.innerText(), /also read by block\/add/);
        assert.equal(await row.locator('.custom-view-tree-node-item-checkbox').count(), 0);
      },
    },
    {
      title: 'the status bar counts the pairs of the chosen model',
      async run(screen) {
        await screen.statusBar.filter({ hasText: '2 fusable · 1 skipped · 1 blocked' }).waitFor();
      },
    },
    {
      title: 'Reveal in Structure opens the listing at the pair',
      async run(screen) {
        await screen.chooseInTree('block/conv1', 'Reveal in Structure');
        await screen.tab('mixed.onnx (structure)').waitFor();
        await screen.lens('fusable · Conv 8→8 3×3 + bn1 · eps 0.001').waitFor();
        assert.match(await screen.editorText(), /BatchNormalization/);
      },
    },
    {
      title: 'a click on a lens fuses its pair alone',
      async run(screen, folder) {
        await screen.lens('Fuse this pair').click();
        await screen.toast('1 pairs folded').waitFor();
        assert.ok(existsSync(join(folder, 'mixed.fused.onnx')));
      },
    },
    {
      title: 'Fuse asks before it overwrites, and cancelling keeps the file',
      async run(screen, folder) {
        const before = readFileSync(join(folder, 'mixed.fused.onnx'));
        await screen.chooseInExplorer('mixed.onnx', 'Fuse Conv + BatchNorm');
        await screen.dialog.waitFor();
        await screen.dialog.getByText('Cancel').click();
        await screen.dialog.waitFor({ state: 'detached' });
        assert.deepEqual(readFileSync(join(folder, 'mixed.fused.onnx')), before);
      },
    },
    {
      title: 'Overwrite fuses all fusable pairs',
      async run(screen) {
        await screen.chooseInExplorer('mixed.onnx', 'Fuse Conv + BatchNorm');
        await screen.dialog.getByText('Overwrite').click();
        await screen.toast('2 pairs folded, 2 left').waitFor();
      },
    },
    {
      title: 'Compare shows both listings side by side',
      async run(screen) {
        await screen.toast('2 pairs folded').getByText('Compare').click();
        await screen.tab('mixed.onnx ↔ mixed.fused.onnx').waitFor();
        await screen.page.locator('.monaco-diff-editor .line-delete').first().waitFor();
      },
    },
    {
      title: 'a broken file says what is wrong, in the words of the command line',
      async run(screen, folder) {
        await screen.chooseInExplorer('broken.onnx', 'Show Structure');
        const { stderr } = runCli('inspect', join(folder, 'broken.onnx'));
        await screen.toast(stderr.trim().replace('fusebn: ', '')).waitFor();
      },
    },
  ],
};
