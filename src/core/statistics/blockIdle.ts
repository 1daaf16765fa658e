import type { Pair } from '../model/pair';
import { reason, type ReasonCode } from '../model/reason';

/**
 * Blocks pairs whose BatchNorm never ran while others of the file did (FOLDING.md guard 26). Without a graph nothing
 * shows that the network runs it at all: its convolution may feed another BatchNorm instead. Where none ran, as in a
 * network that is yet to be trained, it says nothing.
 */
export function blockIdle(pairs: readonly Pair[]): readonly Pair[] {
  const idle = normsOf(pairs.filter((pair) => has(pair, 'UNTRAINED')));
  const read = normsOf(pairs.filter((pair) => !has(pair, 'TENSOR_UNREADABLE')));
  const ran = [...read].filter((name) => !idle.has(name)).length;
  if (idle.size === 0 || ran === 0) return pairs;
  return pairs.map((pair) => {
    if (pair.evidence === 'graph' || !idle.has(pair.bn.name)) return pair;
    const why = reason('NEVER_RAN', ran, read.size);
    const reasons = pair.reasons.filter(({ code }) => code !== 'UNTRAINED');
    return { ...pair, verdict: 'blocked', reasons: [...reasons, why] };
  });
}

function normsOf(pairs: readonly Pair[]): ReadonlySet<string> {
  return new Set(pairs.map(({ bn }) => bn.name));
}

function has({ reasons }: Pair, wanted: ReasonCode): boolean {
  return reasons.some(({ code }) => code === wanted);
}
