import type { OpenedModel } from '../model/openedModel';
import type { Pairing } from '../model/pair';
import { findGraphPairs } from './graph/findGraphPairs';
import { findModulePairs } from './modules/findModulePairs';
import type { PairingOptions } from './pairingOptions';

/** Finds a model's pairs with their verdicts, by data flow where the file has it. Weights are not read. */
export function findPairs(model: OpenedModel, options: PairingOptions): Pairing {
  switch (model.network.kind) {
    case 'graph':
      return findGraphPairs(model, options);
    case 'modules':
      return findModulePairs(model, options);
  }
}
