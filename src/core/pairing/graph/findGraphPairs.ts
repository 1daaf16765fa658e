import type { OpenedModel } from '../../model/openedModel';
import type { Pairing } from '../../model/pair';
import type { PairingOptions } from '../pairingOptions';

/** Pairs of a model whose data flow is known, in the order of its nodes. */
export function findGraphPairs(model: OpenedModel, options: PairingOptions): Pairing {
  throw new Error(`not landed yet: ${model.format} ${options.policy}`);
}
