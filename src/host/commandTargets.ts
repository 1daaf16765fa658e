import * as vscode from 'vscode';
import type { ActiveModel } from './activeModel';
import { modelExtensions } from './modelFiles';
import type { ModelNode } from './modelsView/modelNodes';
import { modelPathOf } from './modelFiles';

/** What VS Code hands to a command: a file, a path, a node of the view, a list of files, or nothing. */
export type CommandArgument = vscode.Uri | string | ModelNode | readonly unknown[] | undefined;

/** The models a command is about: those given, else the active one, else one the user picks. Empty when dismissed. */
export async function targetPaths(
  args: readonly CommandArgument[],
  active: ActiveModel,
): Promise<readonly string[]> {
  const [first, selected] = args;
  // The Explorer hands over the file under the cursor, then all that are selected with it.
  const given = Array.isArray(selected) && selected.length > 0 ? selected : [first];
  const paths = given.flatMap(pathOf);
  if (paths.length > 0) return [...new Set(paths)];
  return active.path === null ? pickModels() : [active.path];
}

/** Lets the user pick model files, or just one. */
export async function pickModels({
  isOne = false,
  title = vscode.l10n.t('Open Model'),
  openLabel = vscode.l10n.t('Open'),
} = {}): Promise<readonly string[]> {
  const uris = await vscode.window.showOpenDialog({
    canSelectMany: !isOne,
    title,
    openLabel,
    filters: { [vscode.l10n.t('Models')]: [...modelExtensions, 'json'] },
  });
  return (uris ?? []).map(({ fsPath }) => fsPath);
}

/** A pair as a lens or a node of the view names it; null for anything else. */
export function targetPairs(
  args: readonly CommandArgument[],
): { readonly path: string; readonly ids: readonly string[] } | null {
  const [first, ...rest] = args;
  if (typeof first === 'string') return { path: first, ids: rest.filter(isString) };
  if (isNode(first) && first.kind === 'pair') {
    return { path: first.model.path, ids: [first.pair.id] };
  }
  return null;
}

function pathOf(argument: unknown): string[] {
  if (typeof argument === 'string') return [argument];
  if (argument instanceof vscode.Uri) return [modelPathOf(argument) ?? argument.fsPath];
  return isNode(argument) ? [argument.model.path] : [];
}

function isNode(argument: unknown): argument is ModelNode {
  return (
    typeof argument === 'object' && argument !== null && 'kind' in argument && 'model' in argument
  );
}

function isString(argument: unknown): argument is string {
  return typeof argument === 'string';
}
