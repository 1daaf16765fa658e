import * as vscode from 'vscode';
import type { FormatId } from '../../core/model/openedModel';
import type { CheckpointMode } from '../../protocol/settings';

export type ChosenMode = Exclude<CheckpointMode, 'ask'>;

/** Formats whose fused file can be written in more than one way. */
const checkpointFormats: ReadonlySet<FormatId> = new Set<FormatId>([
  'torch-zip',
  'torch-legacy',
  'torch-module',
  'safetensors',
]);

export function isCheckpoint(format: FormatId): boolean {
  return checkpointFormats.has(format);
}

/** Lets the user choose how a fused checkpoint is written; undefined when the question was dismissed. */
export async function askCheckpointMode(): Promise<ChosenMode | undefined> {
  const items: readonly (vscode.QuickPickItem & { readonly mode: ChosenMode })[] = [
    {
      mode: 'fold',
      label: vscode.l10n.t('$(combine) Folded'),
      detail: vscode.l10n.t('BatchNorm keys are removed, convolution biases are added.'),
    },
    {
      mode: 'fold-with-loader',
      label: vscode.l10n.t('$(file-code) Folded, with a Python loader beside it'),
      detail: vscode.l10n.t(
        'The same, and a small Python file makes the original class load it strictly.',
      ),
    },
    {
      mode: 'drop-in',
      label: vscode.l10n.t('$(replace) Drop-in'),
      detail: vscode.l10n.t(
        'Every key stays and the BatchNorms become neutral: the unchanged Python class loads it strictly.',
      ),
    },
  ];
  const choice = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('How should the fused checkpoint be written?'),
    placeHolder: vscode.l10n.t('The setting fusebn.checkpointMode answers this for good'),
  });
  return choice?.mode;
}
