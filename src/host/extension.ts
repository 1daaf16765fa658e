import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { ActiveModel } from './activeModel';
import { DriftPanels } from './drift/driftPanels';
import { Listings } from './listings';
import { ModelsView } from './modelsView/modelsView';
import { OpenModels } from './openModels';
import { OverviewEditors } from './overview/overviewEditors';
import { registerCommands } from './registerCommands';
import { ServerClient } from './serverClient';
import { showFailure } from './showFailure';
import { StatisticsPanels } from './statistics/statisticsPanels';
import { StatusBar } from './statusBar';

/** Composes the extension. Nothing is waited for: the server starts meanwhile, and models are read when asked for. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('FuseBN', { log: true });
  const load = (): Promise<LanguageClient> =>
    import('./languageClient').then((part) => part.createLanguageClient(context, log));
  const client = new ServerClient(load, (error) => {
    showFailure(error, log);
  });
  const models = new OpenModels(client, context.workspaceState);
  const listings = new Listings(client, models);
  const view = new ModelsView(models, client);
  const active = new ActiveModel(models, view);
  const statusBar = new StatusBar(models, active);
  const shared = { client, models, listings, view, log };
  const drift = new DriftPanels(context.extensionUri, shared);
  const statistics = new StatisticsPanels(context.extensionUri, shared);
  const overviews = new OverviewEditors(context.extensionUri, shared);
  const commands = registerCommands({ ...shared, active, drift, statistics, overviews });
  const panels = [drift, statistics, overviews];
  const parts = [log, models, listings, view, active, statusBar, ...panels, commands, client];
  context.subscriptions.push(...parts);
}
