import { basename } from 'node:path';
import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../protocol/commandIds';
import type { ActiveModel } from './activeModel';
import { pickModels, targetPairs, targetPaths, type CommandArgument } from './commandTargets';
import { showDrift } from './drift/showDrift';
import { fuseModels, fusePairs } from './fusing/fuseCommands';
import type { FuseServices } from './fusing/fuseServices';
import type { ModelsView } from './modelsView/modelsView';
import { writePolicy } from './settings';
import type { OverviewEditors } from './overview/overviewEditors';
import { showFailure } from './showFailure';
import { pairInFront } from './statistics/pairInFront';

export interface CommandServices extends FuseServices {
  readonly view: ModelsView;
  readonly active: ActiveModel;
  readonly overviews: OverviewEditors;
}

type Handler = (...args: CommandArgument[]) => unknown;

/** Registers every command of `commandIds`; one without a handler does not compile. */
export function registerCommands(services: CommandServices): vscode.Disposable {
  const { models, listings, view, active, log } = services;
  const targets = (args: readonly CommandArgument[]): Promise<readonly string[]> =>
    targetPaths(args, active);
  const showPairs = (path: string): Promise<void> => view.showModel(path);
  const showOverview = (path: string): Promise<void> => services.overviews.show(path);
  const showStructure = (path: string): Promise<unknown> => listings.show(path);
  const each = async (
    paths: readonly string[],
    action: (path: string) => Promise<unknown>,
  ): Promise<void> => {
    for (const path of paths) {
      // One file that cannot be read does not keep the others back.
      await action(path).catch((error: unknown) => {
        showFailure(error, log, basename(path));
      });
    }
  };
  const handlers: Readonly<Record<CommandId, Handler>> = {
    [commandIds.fuse]: async (...args) => fuseModels(services, await targets(args)),
    [commandIds.showPairs]: async (...args) => each(await targets(args), showPairs),
    [commandIds.showOverview]: async (...args) => each(await targets(args), showOverview),
    [commandIds.showStructure]: async (...args) => each(await targets(args), showStructure),
    [commandIds.compare]: async (...args) => compare(services, await targets(args)),
    [commandIds.showDrift]: async (...args) => {
      const pairs = targetPairs(args);
      const [id] = pairs?.ids ?? [];
      if (pairs === null || id === undefined) {
        await showDrift(services.drift, models, await targets(args));
      } else {
        services.drift.show({ reference: pairs.path, candidate: null }, id);
      }
    },
    [commandIds.openModel]: async () => each(await pickModels(), showPairs),
    [commandIds.closeModel]: async (...args) => {
      for (const path of await targets(args)) models.close(path);
    },
    [commandIds.refreshModel]: async (...args) => {
      for (const path of await targets(args)) models.refresh(path);
    },
    [commandIds.fusePair]: async (...args) => {
      const pairs = targetPairs(args);
      if (pairs !== null) await fusePairs(services, pairs.path, pairs.ids);
    },
    [commandIds.revealInStructure]: async (...args) => {
      const pairs = targetPairs(args);
      const [id] = pairs?.ids ?? [];
      if (pairs !== null && id !== undefined) await revealInStructure(services, pairs.path, id);
    },
    [commandIds.revealInModels]: async (...args) => {
      const pairs = targetPairs(args);
      const [id] = pairs?.ids ?? [];
      if (pairs !== null && id !== undefined) await view.showPair(pairs.path, id);
    },
    [commandIds.copyPairName]: async (...args) => {
      await vscode.env.clipboard.writeText(targetPairs(args)?.ids[0] ?? '');
    },
    [commandIds.showStatistics]: async (...args) => {
      const pairs = targetPairs(args) ?? (await pairWithoutTarget(services, args));
      const [id] = pairs?.ids ?? [];
      if (pairs !== null && id !== undefined) await services.statistics.show(pairs.path, id);
      else for (const path of await targets(args)) await services.statistics.show(path);
    },
    [commandIds.testStatistics]: async (...args) => {
      for (const path of await targets(args)) await services.statistics.test(path);
    },
    [commandIds.stopStatistics]: async (...args) => {
      for (const path of await targets(args)) services.statistics.stop(path);
    },
    [commandIds.groupByModule]: () => {
      view.group('module');
    },
    [commandIds.groupByVerdict]: () => {
      view.group('verdict');
    },
    [commandIds.usePolicyAll]: () => writePolicy('all'),
    [commandIds.usePolicyBevfusion]: () => writePolicy('bevfusion'),
    [commandIds.showLog]: () => {
      log.show();
    },
  };
  const registrations = Object.entries(handlers).map(([id, handler]) =>
    vscode.commands.registerCommand(id, async (...args: CommandArgument[]) => {
      try {
        await handler(...args);
      } catch (error) {
        showFailure(error, log);
      }
    }),
  );
  return vscode.Disposable.from(...registrations);
}

/** Two files are compared with each other; one is compared with itself after fusing. */
async function compare(services: CommandServices, paths: readonly string[]): Promise<void> {
  const [first, second] = paths;
  if (first === undefined) return;
  const before = { path: first, variant: 'original' } as const;
  if (second !== undefined) {
    const title = `${basename(first)} ↔ ${basename(second)}`;
    await services.listings.compare(before, { path: second, variant: 'original' }, title);
    return;
  }
  const title = vscode.l10n.t('{0}: before ↔ after fusing', basename(first));
  await services.listings.compare(before, { path: first, variant: 'fused' }, title);
}

/** From the palette the command is about the pair the user is looking at. */
async function pairWithoutTarget(
  { client, view }: CommandServices,
  args: readonly CommandArgument[],
): Promise<ReturnType<typeof targetPairs>> {
  if (args.length > 0) return null;
  const pair = await pairInFront(client, view);
  return pair === null ? null : { path: pair.path, ids: [pair.id] };
}

async function revealInStructure(
  services: CommandServices,
  path: string,
  id: string,
): Promise<void> {
  const { report } = await services.models.ready(path);
  const layer = report.pairs.find((pair) => pair.id === id)?.conv.name ?? id;
  await services.listings.reveal(path, layer);
}
