import type { Network } from '../../model/network';
import type { StatisticsFinding } from '../../model/pair';
import type { ReasonCode } from '../../model/reason';
import type { Surroundings } from '../../model/surroundings';
import { graphSurroundings } from './graphSurroundings';
import { moduleSurroundings } from './moduleSurroundings';

/** What must be known of a pair to draw what is around it. */
export interface SurroundedPair {
  readonly conv: { readonly name: string; readonly type: string };
  readonly bn: { readonly name: string; readonly type: string };
  readonly statistics: StatisticsFinding | null;
  readonly reasons: readonly { readonly code: ReasonCode; readonly args?: readonly string[] }[];
}

/**
 * The layers around a pair: by data flow where the network has it, else as far as module order and statistics tell,
 * each connection with its basis. `fed` are the pairs whose convolutions the pair's BatchNorm feeds by their statistics.
 */
export function surroundings(
  network: Network,
  pair: SurroundedPair,
  fed: readonly SurroundedPair[],
): Surroundings {
  switch (network.kind) {
    case 'graph':
      return graphSurroundings(network, pair);
    case 'modules':
      return moduleSurroundings(network, pair, fed);
  }
}
