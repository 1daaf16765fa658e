import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { FuseReport } from '../../protocol/reports';
import { foldChoice } from '../../protocol/settings';
import { readSettings } from '../settings';
import { showFailure } from '../showFailure';
import { CheckpointQuestion } from './checkpointQuestion';
import { fuseModel } from './fuseModel';
import type { FuseServices } from './fuseServices';
import { mayFold } from './mayFold';
import { outputPath } from './outputPath';
import { showFuseResults } from './showFuseResults';

/** Fuses models one after the other, each with the pairs chosen for it, and shows what came of it. */
export async function fuseModels(services: FuseServices, paths: readonly string[]): Promise<void> {
  const question = new CheckpointQuestion();
  const results: FuseReport[] = [];
  for (const path of paths) {
    try {
      const { report } = await services.models.ready(path);
      const { selection } = services.models.open(path);
      const result = await fuse(services, path, selection.chosenIds(report), question);
      if (result !== undefined) results.push(result);
    } catch (error) {
      // One model that cannot be fused does not keep the others back.
      showFailure(error, services.log, basename(path));
    }
  }
  showResults(services, results);
}

/** Fuses some pairs of a model and leaves all others as they are. */
export async function fusePairs(
  services: FuseServices,
  path: string,
  ids: readonly string[],
): Promise<void> {
  try {
    const result = await fuse(services, path, ids, new CheckpointQuestion());
    showResults(services, result === undefined ? [] : [result]);
  } catch (error) {
    showFailure(error, services.log, basename(path));
  }
}

/** Undefined when the user turned away from one of the questions. `only` null stands for all fusable pairs. */
async function fuse(
  services: FuseServices,
  path: string,
  only: readonly string[] | null,
  question: CheckpointQuestion,
): Promise<FuseReport | undefined> {
  await saveText(path);
  const { report } = await services.models.ready(path);
  const showStatistics = (id: string): Promise<void> => services.statistics.show(path, id);
  if (!(await mayFold(report, only, showStatistics))) return undefined;
  const settings = readSettings(path);
  const choice = await question.answer(report.model.format, settings);
  if (choice === undefined) return undefined;
  const output = outputPath(path, settings.outputName);
  const job = { path, output, only, skip: [], ...foldChoice(choice) };
  const result = await fuseModel(services.client, basename(path), job);
  if (result !== undefined) services.log.info(`fused ${path}: ${JSON.stringify(result)}`);
  return result;
}

/** The engine reads the file on disk, so a printed network that is being edited is saved first. */
async function saveText(path: string): Promise<void> {
  const document = vscode.workspace.textDocuments.find(
    ({ uri, isDirty }) => isDirty && uri.scheme === 'file' && uri.fsPath === path,
  );
  await document?.save();
}

/** The commands end when the files are there; the message stays for as long as the user likes. */
function showResults(services: FuseServices, results: readonly FuseReport[]): void {
  void showFuseResults(services, results).catch((error: unknown) => {
    showFailure(error, services.log);
  });
}
