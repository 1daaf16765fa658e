import * as vscode from 'vscode';
import { decodeSettings, type Settings } from '../protocol/settings';

/** The settings that hold for a file. */
export function readSettings(path: string): Settings {
  return decodeSettings(vscode.workspace.getConfiguration('fusebn', vscode.Uri.file(path)));
}

/** Changes the policy where it is set now, else in the user's own settings, so that no repository gets a new file. */
export async function writePolicy(policy: Settings['policy']): Promise<void> {
  const section = vscode.workspace.getConfiguration('fusebn');
  const isSetHere = section.inspect('policy')?.workspaceValue !== undefined;
  const target = isSetHere
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await section.update('policy', policy, target);
}

/** The policy of the window, whatever single folders say. */
export function readPolicy(): Settings['policy'] {
  return decodeSettings(vscode.workspace.getConfiguration('fusebn')).policy;
}
