import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { FuseReport } from '../../protocol/reports';
import { withoutLinks } from '../showFailure';
import type { FuseServices } from './fuseServices';

/** Says what fusing has done, and offers to look at it. */
export async function showFuseResults(
  services: FuseServices,
  results: readonly FuseReport[],
): Promise<void> {
  const [first, ...more] = results;
  if (first === undefined) return;
  if (more.length > 0) return showSummary(services, results);
  return first.output === null
    ? showNothingFused(first)
    : showResult(services, first, first.output);
}

async function showNothingFused({ input, note }: FuseReport): Promise<void> {
  const name = basename(input);
  const sentence = note ?? vscode.l10n.t('there is nothing to fold.');
  await vscode.window.showInformationMessage(withoutLinks(`${name}: ${sentence}`));
}

async function showResult(
  { listings, drift }: FuseServices,
  result: FuseReport,
  output: string,
): Promise<void> {
  const open = vscode.l10n.t('Open');
  const compare = vscode.l10n.t('Compare');
  const showDrift = vscode.l10n.t('Show Drift');
  const text = withoutLinks(resultText(result, output));
  const choice = await vscode.window.showInformationMessage(text, open, compare, showDrift);
  if (choice === open) await listings.show(output);
  if (choice === showDrift) drift.show({ reference: result.input, candidate: output });
  if (choice === compare) {
    const { input } = result;
    const title = `${basename(input)} ↔ ${basename(output)}`;
    await listings.compare(
      { path: input, variant: 'original' },
      { path: output, variant: 'original' },
      title,
    );
  }
}

/** One message for many files: VS Code would drop most of a flood. The log has each file's own figures. */
async function showSummary({ log }: FuseServices, results: readonly FuseReport[]): Promise<void> {
  const written = results.filter(({ output }) => output !== null);
  const folded = written.reduce((sum, result) => sum + result.folded.length, 0);
  const showLog = vscode.l10n.t('Show Log');
  const text = vscode.l10n.t(
    '{0} of {1} models fused: {2} pairs folded.',
    written.length,
    results.length,
    folded,
  );
  if ((await vscode.window.showInformationMessage(text, showLog)) === showLog) log.show();
}

function resultText({ folded, left, verification }: FuseReport, output: string): string {
  const name = basename(output);
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
