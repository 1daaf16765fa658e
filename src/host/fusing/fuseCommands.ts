import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { FuseReport, PairReport } from '../../protocol/reports';
import { foldChoice } from '../../protocol/settings';
import type { Listings } from '../listings';
import type { OpenModels } from '../openModels';
import { readSettings } from '../settings';
import { showFailure } from '../showFailure';
import { askCheckpointMode, isCheckpoint, type ChosenMode } from './askCheckpointMode';
import { fuseModel } from './fuseModel';
import { outputPath } from './outputPath';
import { showFuseResult } from './showFuseResult';

export interface FuseServices {
  readonly client: LanguageClient;
  readonly models: OpenModels;
  readonly listings: Listings;
  readonly log: vscode.LogOutputChannel;
}

/** Fuses models one after the other, each with the pairs chosen for it, and shows the result of each. */
export async function fuseModels(services: FuseServices, paths: readonly string[]): Promise<void> {
  const question = new ModeQuestion();
  for (const path of paths) {
    try {
      const { report } = await services.models.ready(path);
      const selection = services.models.open(path).selection;
      const only = selection.chosenIds(report);
      await fuse(services, path, only, question);
    } catch (error) {
      showFailure(error, services.log, basename(path));
    }
  }
}

/** Fuses some pairs of a model and leaves all others as they are. */
export async function fusePairs(
  services: FuseServices,
  path: string,
  ids: readonly string[],
): Promise<void> {
  try {
    await fuse(services, path, ids, new ModeQuestion());
  } catch (error) {
    showFailure(error, services.log, basename(path));
  }
}

async function fuse(
  services: FuseServices,
  path: string,
  only: readonly string[] | null,
  question: ModeQuestion,
): Promise<void> {
  await saveText(path);
  const { report } = await services.models.ready(path);
  const blocked = report.pairs.filter(
    ({ id, verdict }) => verdict === 'blocked' && only?.includes(id) === true,
  );
  if (!(await mayFold(blocked))) return;
  const settings = readSettings(path);
  const choice = await question.answer(path, isCheckpoint(report.model.format));
  if (choice === undefined) return;
  const output = outputPath(path, settings.outputName);
  const job = { path, output, only, skip: [], ...foldChoice(choice) };
  const result = await fuseModel(services.client, basename(path), job);
  if (result === undefined) return;
  logResult(services.log, result);
  void showFuseResult(services, result).catch((error: unknown) => {
    showFailure(error, services.log);
  });
}

/** Asks at most once for all checkpoints of a selection. */
class ModeQuestion {
  private choice: ChosenMode | undefined;

  async answer(path: string, isCheckpointFile: boolean): Promise<ChosenMode | undefined> {
    if (!isCheckpointFile) return 'fold';
    const { checkpointMode } = readSettings(path);
    if (checkpointMode !== 'ask') return checkpointMode;
    this.choice ??= await askCheckpointMode();
    return this.choice;
  }
}

/** A blocked pair is folded only by a user who knows better than names and statistics can. */
async function mayFold(blocked: readonly PairReport[]): Promise<boolean> {
  if (blocked.length === 0) return true;
  const foldAnyway = vscode.l10n.t('Fold Anyway');
  const detail = blocked
    .map(({ id, reasons }) => `${id}: ${reasons[0]?.message ?? ''}`)
    .slice(0, MAX_LISTED_PAIRS)
    .join('\n');
  const question =
    blocked.length === 1
      ? vscode.l10n.t('A blocked pair is about to be folded.')
      : vscode.l10n.t('{0} blocked pairs are about to be folded.', blocked.length);
  const answer = await vscode.window.showWarningMessage(
    question,
    { modal: true, detail },
    foldAnyway,
  );
  return answer === foldAnyway;
}

/** A dialog with more lines than this no longer fits small screens. */
const MAX_LISTED_PAIRS = 8;

/** The engine reads the file on disk, so a printed network that is being edited is saved first. */
async function saveText(path: string): Promise<void> {
  const document = vscode.workspace.textDocuments.find(
    ({ uri, isDirty }) => isDirty && uri.scheme === 'file' && uri.fsPath === path,
  );
  await document?.save();
}

function logResult(log: vscode.LogOutputChannel, result: FuseReport): void {
  log.info(`fused ${result.input}: ${JSON.stringify({ ...result, folded: result.folded.length })}`);
}
