import * as vscode from 'vscode';
import { ResponseError } from 'vscode-jsonrpc';

/** The code LSP gives a reply to a request that was cancelled. */
const REQUEST_CANCELLED = -32800;

/**
 * Shows what went wrong, in the sentence the command line prints too, with the file it is about in front.
 * A cancelled job is no failure.
 */
export function showFailure(error: unknown, log: vscode.LogOutputChannel, subject?: string): void {
  if (isCancelled(error)) return;
  const sentence = error instanceof Error ? error.message : String(error);
  const isNamed = subject === undefined || sentence.includes(subject);
  const message = isNamed ? sentence : `${subject}: ${sentence}`;
  log.error(error instanceof Error ? error : message);
  const showLog = vscode.l10n.t('Show Log');
  void vscode.window.showErrorMessage(withoutLinks(message), showLog).then((choice) => {
    if (choice === showLog) log.show();
  });
}

/** A message as plain text: names come from files, and VS Code would make links of what looks like one. */
export function withoutLinks(message: string): string {
  return message.replaceAll('](', '] (');
}

/** The stable code of an engine's error reply (`OUTPUT_EXISTS`, `MODEL_FORMAT` …), or null for other errors. */
export function failureCode(error: unknown): string | null {
  if (!(error instanceof ResponseError)) return null;
  const data: unknown = error.data;
  if (typeof data !== 'object' || data === null || !('code' in data)) return null;
  return typeof data.code === 'string' ? data.code : null;
}

/** Whether an error only says that the user turned away. */
export function isCancelled(error: unknown): boolean {
  if (error instanceof vscode.CancellationError) return true;
  return error instanceof ResponseError && error.code === REQUEST_CANCELLED;
}
