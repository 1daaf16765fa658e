import { join } from 'node:path';
import * as vscode from 'vscode';

/** Helpers of the suite: everything a test waits for is a state, never a time. */

export const EXTENSION_ID = 'fusebn.fusebn';

/** A model of the test workspace. */
export function modelUri(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder === undefined) throw new Error('the suite needs its workspace');
  return vscode.Uri.file(join(folder.uri.fsPath, name));
}

/** Repeats a question until its answer is not undefined. Mocha's timeout ends the wait. */
export async function until<T>(question: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const answer = await question();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Opens the listing of a model by the command a person uses. */
export async function openListing(name: string): Promise<vscode.TextDocument> {
  await vscode.commands.executeCommand('fusebn.showStructure', modelUri(name));
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined) throw new Error(`no listing of ${name} came up`);
  return document;
}

/** Titles of the lenses on a document, with the line each stands on, once there are some. */
export async function lensTitles(
  uri: vscode.Uri,
): Promise<readonly { readonly line: number; readonly title: string }[]> {
  return until(async () => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      uri,
    );
    if (lenses.length === 0) return undefined;
    return lenses.map(({ range, command }) => ({
      line: range.start.line,
      // Between icon and text stands a no-break space.
      title: (command?.title ?? '').replace('\u00a0', ' '),
    }));
  });
}
