import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Story } from './story';

/** A person fuses a PyTorch checkpoint with some of its pairs, and reads a printed network. */
export const checkpointStory: Story = {
  title: 'PyTorch checkpoint',
  steps: [
    {
      title: 'Show Structure opens a module listing with a lens on each pair',
      async run(screen) {
        await screen.chooseInExplorer('checkpoint.pth', 'Show Structure');
        await screen.tab('checkpoint.pth (structure)').waitFor();
        await screen.lens('fusable · Conv2d 3→8 3×3 + stem.1 · eps 1e-5').waitFor();
        await screen.lens('skipped: ConvTranspose2d under policy bevfusion').waitFor();
      },
    },
    {
      title: 'a click on a lens selects its pair in the view',
      async run(screen) {
        await screen.lens('fusable · Conv2d 3→8 3×3 + stem.1').click();
        await screen.selectedTreeRow('stem.0').waitFor();
      },
    },
    {
      title: 'a pair that is unchecked takes no part in the fuse',
      async run(screen, folder) {
        await screen.treeRow('layer1.1.conv2').locator(screen.checkbox).click();
        await screen.treeRow('Fusable').locator(screen.uncheckedBox).waitFor();
        await screen.chooseInTree('checkpoint.pth', 'Fuse Conv');
        await screen.quickPick.getByText('Folded, with a Python loader').click();
        await screen.toast('checkpoint.fused.pth: 4 pairs folded, 2 left').waitFor();
        assert.ok(existsSync(join(folder, 'checkpoint_fused.py')));
      },
    },
    {
      title: 'Compare shows what went, and what stayed',
      async run(screen) {
        await screen.toast('4 pairs folded').getByText('Compare').click();
        await screen.tab('checkpoint.pth ↔ checkpoint.fused.pth').waitFor();
        await screen.page.locator('.monaco-diff-editor .line-delete').first().waitFor();
      },
    },
    {
      title: 'the view groups pairs by module',
      async run(screen) {
        await screen.page.locator('.action-label[aria-label="Group by Module"]').first().click();
        await screen.treeRow('layer1').waitFor();
        await screen.treeRow('Fusable').waitFor({ state: 'detached' });
      },
    },
    {
      title: 'policy all makes the skipped pair fusable everywhere',
      async run(screen) {
        await screen.page
          .locator('.action-label[aria-label="Policy: Fold Everything That Is Right"]')
          .first()
          .click();
        await screen.treeRow('checkpoint.pth').filter({ hasText: '6 fusable' }).waitFor();
      },
    },
    {
      title: 'the statistics of a trained checkpoint confirm its pairs in the background',
      async run(screen) {
        await screen.chooseInExplorer('trained.pth', 'Show Structure');
        await screen.lens('eps 1e-5 assumed · confirmed by statistics').waitFor();
      },
    },
    {
      title: 'a text file with a printed network has lenses too',
      async run(screen) {
        await screen.showExplorer();
        await screen.explorerRow('network.torchmodule').dblclick();
        await screen.lens('6 fusable').waitFor();
        await screen.lens('fusable · ConvTranspose2d 8→4 2×2 + up.1 · eps 1e-5').waitFor();
      },
    },
  ],
};
