import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { FuseReport } from '../../protocol/reports';
import { withoutLinks } from '../showFailure';
import type { FuseServices } from './fuseCommands';

/** Says what a fuse has done, and offers to look at it. */
export async function showFuseResult(services: FuseServices, result: FuseReport): Promise<void> {
  const { input, output, note } = result;
  if (output === null) {
    const name = basename(input);
    const sentence = note ?? vscode.l10n.t('Nothing to fuse in {0}.', name);
    await vscode.window.showInformationMessage(withoutLinks(sentence));
    return;
  }
  const open = vscode.l10n.t('Open');
  const compare = vscode.l10n.t('Compare');
  const text = withoutLinks(resultText(result));
  const choice = await vscode.window.showInformationMessage(text, open, compare);
  if (choice === open) await services.listings.show(output);
  if (choice === compare) {
    await services.listings.compare(
      { path: input, variant: 'original' },
      { path: output, variant: 'original' },
      `${basename(input)} ↔ ${basename(output)}`,
    );
  }
}

function resultText({ folded, left, output, verification }: FuseReport): string {
  const name = basename(output ?? '');
  const sentence =
    left.length === 0
      ? vscode.l10n.t('{0}: {1} pairs folded.', name, folded.length)
      : vscode.l10n.t('{0}: {1} pairs folded, {2} left.', name, folded.length, left.length);
  const { worst } = verification;
  if (worst === null) return sentence;
  const figure =
    worst.sqnrDb === 'identical'
      ? vscode.l10n.t('Every fold is exact.')
      : vscode.l10n.t('Worst fold: {0} with an SQNR of {1} dB.', worst.id, worst.sqnrDb.toFixed(1));
  return `${sentence} ${figure}`;
}
