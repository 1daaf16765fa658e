import type { Fold } from '../../model/fold';
import type { Pair } from '../../model/pair';

const none = new Float64Array(0);

/** The fold of a pair that a listing shows: it names the pair and holds no numbers, since a listing has none. */
export function listingFold(pair: Pair): Fold {
  return {
    pair,
    weight: { dtype: 'f32', axes: [], scale: none },
    bias: none,
    reference: {
      convBias: null,
      between: [],
      gamma: none,
      beta: none,
      mean: none,
      variance: none,
      eps: pair.bn.eps,
      biasFactor: 1,
    },
    quantizers: [],
  };
}
