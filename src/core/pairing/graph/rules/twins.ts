import { reasonKinds } from '../../reasonKinds';
import { MAX_USES_SEEN, type Use } from '../graphIndex';
import type { Candidate, GraphRule } from './candidate';

/** Tells, of a candidate, which readers of its parameters are other calls of the same two layers. */
export type TwinUses = (candidate: Candidate) => (uses: readonly Use[]) => readonly Use[];

/**
 * Finds candidates that are calls of one and the same convolution and BatchNorm, as in a Siamese network (guard 5):
 * folded once, all of them are right. Counts only those that nothing else speaks against; the function it returns
 * leaves their uses out.
 */
export function twinUses(candidates: readonly Candidate[], rules: readonly GraphRule[]): TwinUses {
  const isSound = (candidate: Candidate): boolean =>
    rules.flatMap((rule) => rule(candidate)).every(({ code }) => reasonKinds[code] === 'note');
  const nodesByKey = new Map<string, Set<unknown>>();
  for (const candidate of candidates) {
    const key = keyOf(candidate);
    const nodes = nodesByKey.get(key) ?? new Set();
    nodesByKey.set(key, nodes);
    if (isSound(candidate)) nodes.add(candidate.conv.node).add(candidate.bn.node);
  }
  return (candidate) => {
    const nodes = nodesByKey.get(keyOf(candidate));
    const own: readonly unknown[] = [candidate.conv.node, candidate.bn.node];
    const isTwin = (use: Use): boolean =>
      use.kind === 'node' && !own.includes(use.node) && nodes?.has(use.node) === true;
    return (uses) => {
      // Further readers may not have been counted.
      if (uses.length >= MAX_USES_SEEN - 1) return uses;
      return uses.filter((use) => !isTwin(use));
    };
  };
}

/** What two candidates have in common that are calls of the same layers. */
function keyOf({ conv: { layer, weight, bias }, bn }: Candidate): string {
  const { scale, B, mean, var: variance } = bn.parameters;
  const tensors = [weight, bias, scale, B, mean, variance].map((each) => each?.tensor.name ?? null);
  return JSON.stringify([tensors, layer.layout, layer.groups, bn.layer.eps]);
}
