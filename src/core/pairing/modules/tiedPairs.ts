import type { BatchNormLayer } from '../../model/layer';
import type { Pair } from '../../model/pair';
import { reason } from '../../model/reason';
import type { Tensor } from '../../model/tensor';
import type { TiedStorages } from '../tiedStorages';

/**
 * Blocks pairs whose weight or bias lies in the same bytes as another tensor: a model that really ties them would
 * fold both, or lose a private copy again. A whole pair that is there twice (one module under two names) folds alike
 * both times and stays.
 */
export function blockTiedPairs(pairs: readonly Pair[], tied: TiedStorages): Pair[] {
  const pairByTensor = new Map<string, Pair>();
  for (const pair of pairs) {
    for (const tensor of parametersOf(pair)) pairByTensor.set(tensor.name, pair);
  }
  return pairs.map((pair) => {
    const stranger = parametersOf(pair)
      .flatMap((tensor) => tied.sharersOf(tensor))
      .find((name) => !isSamePair(pair, pairByTensor.get(name)));
    if (stranger === undefined) return pair;
    const reasons = [...pair.reasons, reason('SHARED_WEIGHT_TIED', stranger)];
    return { ...pair, verdict: 'blocked' as const, reasons };
  });
}

function parametersOf({ conv }: Pair): Tensor[] {
  return conv.bias === null ? [conv.weight] : [conv.weight, conv.bias];
}

function isSamePair(pair: Pair, other: Pair | undefined): boolean {
  return (
    other !== undefined &&
    pair.conv.layout === other.conv.layout &&
    isSamePlace(pair.conv.weight, other.conv.weight) &&
    isSamePlace(pair.conv.bias, other.conv.bias) &&
    isSameNorm(pair.bn, other.bn)
  );
}

function isSameNorm(a: BatchNormLayer, b: BatchNormLayer): boolean {
  return (
    a.eps === b.eps &&
    isSamePlace(a.gamma, b.gamma) &&
    isSamePlace(a.beta, b.beta) &&
    isSamePlace(a.mean, b.mean) &&
    isSamePlace(a.variance, b.variance)
  );
}

/** Whether two tensors are the same elements of the same bytes. */
function isSamePlace(a: Tensor | null, b: Tensor | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.location.kind === 'range' &&
    b.location.kind === 'range' &&
    a.location.source === b.location.source &&
    a.location.offset === b.location.offset &&
    a.dtype === b.dtype &&
    a.shape.join() === b.shape.join() &&
    a.strides.join() === b.strides.join()
  );
}
