import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { jobProgress, type JobProgress } from '../../protocol/engine';
import { fuseModelRequest, type FuseModelParams } from '../../protocol/lsp';
import type { FuseReport } from '../../protocol/reports';
import { failureCode } from '../showFailure';
import type { ServerClient } from '../serverClient';

/** A notification for anything shorter would only flicker. */
const PROGRESS_DELAY_MS = 400;

let lastToken = 0;

/**
 * Fuses one model with progress and a cancel button. An output that exists is overwritten only when the user
 * says so; another place can be chosen. Undefined when the user turned away from that question.
 * @throws the engine's error, or a cancellation.
 */
export async function fuseModel(
  client: ServerClient,
  name: string,
  params: Omit<FuseModelParams, 'overwrite' | 'progressToken'>,
): Promise<FuseReport | undefined> {
  try {
    return await runWithProgress(client, name, { ...params, overwrite: false });
  } catch (error) {
    if (failureCode(error) !== 'OUTPUT_EXISTS' || !(error instanceof Error)) throw error;
    const answer = await askWhere(error.message, params);
    return answer && runWithProgress(client, name, { ...params, ...answer });
  }
}

/** Runs the job; one that takes longer than a moment gets a notification with its progress and a cancel button. */
async function runWithProgress(
  client: ServerClient,
  name: string,
  params: FuseModelParams,
): Promise<FuseReport> {
  const progressToken = `fuse-${++lastToken}`;
  const cancellation = new vscode.CancellationTokenSource();
  const job = { ...params, progressToken };
  const work = client.sendRequest(fuseModelRequest, job, cancellation.token);
  try {
    if (await endsWithin(work, PROGRESS_DELAY_MS)) return await work;
    const location = vscode.ProgressLocation.Notification;
    const title = vscode.l10n.t('Fusing {0}', name);
    return await vscode.window.withProgress(
      { location, title, cancellable: true },
      async (progress, token) => {
        token.onCancellationRequested(() => {
          cancellation.cancel();
        });
        const subscription = client.onProgress(jobProgress, progressToken, (latest) => {
          progress.report({ message: progressText(latest) });
        });
        return work.finally(() => {
          subscription.dispose();
        });
      },
    );
  } finally {
    cancellation.dispose();
  }
}

/** Whether a job is over, one way or the other, after some time at most. */
async function endsWithin(work: Promise<unknown>, timeMs: number): Promise<boolean> {
  const isOver = work.then(
    () => true,
    () => true,
  );
  return Promise.race([isOver, setTimeout(timeMs, false)]);
}

function progressText({ stage, done, total }: JobProgress): string {
  const percent = total > 0 ? ` ${Math.floor((100 * done) / total)} %` : '';
  return `${stageText(stage)}${percent}`;
}

function stageText(stage: JobProgress['stage']): string {
  switch (stage) {
    case 'read':
      return vscode.l10n.t('reading');
    case 'pair':
      return vscode.l10n.t('finding pairs');
    case 'statistics':
      return vscode.l10n.t('testing statistics');
    case 'fold':
      return vscode.l10n.t('folding');
    case 'write':
      return vscode.l10n.t('writing');
    case 'drift':
      return vscode.l10n.t('measuring');
  }
}

async function askWhere(
  sentence: string,
  { path, output }: Pick<FuseModelParams, 'path' | 'output'>,
): Promise<Pick<FuseModelParams, 'output' | 'overwrite'> | undefined> {
  const overwrite = vscode.l10n.t('Overwrite');
  const saveAs = vscode.l10n.t('Save As…');
  const choice = await vscode.window.showWarningMessage(
    sentence,
    { modal: true },
    overwrite,
    saveAs,
  );
  if (choice === overwrite) return { output, overwrite: true };
  if (choice !== saveAs) return undefined;
  const defaultUri = vscode.Uri.file(output ?? path);
  const target = await vscode.window.showSaveDialog({ defaultUri });
  // The dialog itself has asked before it names an existing file.
  return target && { output: target.fsPath, overwrite: true };
}
