import type { Network } from '../../model/network';
import type { Surroundings } from '../../model/surroundings';
import { graphSurroundings } from './graphSurroundings';
import { moduleSurroundings } from './moduleSurroundings';
import type { SurroundedPair } from './surroundedPair';

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
