import type { Fold } from '../model/fold';
import type { OpenedModel } from '../model/openedModel';
import type { Pair } from '../model/pair';

/** The numbers of one fold: factors per channel, new bias, new quantizer ranges. Reads the small vectors only. */
export function foldPair(model: OpenedModel, pair: Pair): Fold {
  throw new Error(`not landed yet: ${model.format} ${pair.id}`);
}
