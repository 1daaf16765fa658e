import * as vscode from 'vscode';
import type { FormatId } from '../../core/model/openedModel';
import type { CheckpointMode, Settings } from '../../protocol/settings';

type ChosenMode = Exclude<CheckpointMode, 'ask'>;

/** Formats whose fused file can be written in more than one way. */
const checkpointFormats: ReadonlySet<FormatId> = new Set<FormatId>([
  'torch-zip',
  'torch-legacy',
  'safetensors',
]);

/** How fused checkpoints are written: asked at most once for all files of a selection. */
export class CheckpointQuestion {
  private asked: Promise<ChosenMode | undefined> | null = null;

  /** Undefined when the user dismissed the question. */
  async answer(format: FormatId, { checkpointMode }: Settings): Promise<ChosenMode | undefined> {
    if (!checkpointFormats.has(format)) return 'fold';
    if (checkpointMode !== 'ask') return checkpointMode;
    this.asked ??= ask();
    return this.asked;
  }
}

async function ask(): Promise<ChosenMode | undefined> {
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
        'Every key stays, BatchNorms become neutral: the class loads it as it is.',
      ),
    },
  ];
  const choice = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('How should the fused checkpoint be written?'),
    placeHolder: vscode.l10n.t('The setting fusebn.checkpointMode answers this for good'),
  });
  return choice?.mode;
}
