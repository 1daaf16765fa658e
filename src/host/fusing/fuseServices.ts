import type { LogOutputChannel } from 'vscode';
import type { DriftPanels } from '../drift/driftPanels';
import type { Listings } from '../listings';
import type { OpenModels } from '../openModels';
import type { ServerClient } from '../serverClient';
import type { StatisticsPanels } from '../statistics/statisticsPanels';

/** What fusing from the editor needs of the rest of the extension. */
export interface FuseServices {
  readonly client: ServerClient;
  readonly models: OpenModels;
  readonly listings: Listings;
  readonly drift: DriftPanels;
  readonly statistics: StatisticsPanels;
  readonly log: LogOutputChannel;
}
