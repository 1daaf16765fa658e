import { identity } from '../mathematics/activations';
import { agreeOnActivation, voteOnActivation, type ActivationVote } from './activationVote';
import { SETTLED, tryCompositeFeeds } from './compositeFeeds';
import type { EvidenceBase } from './evidenceBase';
import { chainLayers, singleLayers } from './layers';
import { WORTH_KNOWING } from './knownFeeds';
import { tryFreeInput } from './freeInput';
import { gatedFeeds } from './gatedFeeds';
import { pooledBehindLinks, pooledFeeds, pooledMirrors, SETTLED_POOLED } from './pooledFeeds';
import { settlePredecessor } from './predecessor';
import { trySharedNeighbours } from './sharedNeighbours';
import type { Study } from './study';

/**
 * Finds for every study what its convolution is fed with, as far as the numbers tell, from the simplest explanation
 * to more complicated ones. Called again with more studies it only tries what is new. Yields after each piece of work;
 * returns the activation that the layers agree on.
 */
export function* recoverWiring(base: EvidenceBase): Generator<void, ActivationVote> {
  const { studies, work } = base;
  for (const [idx, study] of studies.entries()) {
    // The other half of the pieces to come are the more complicated explanations.
    work.share(2 * studies.length - idx);
    tryFreeInput(study);
    if (study.share < SETTLED) yield* study.considerLayers(singleLayers(study.witness, base));
    if (study.share < SETTLED) yield* study.considerLayers(chainLayers(study.witness, base));
    yield;
  }
  if (saysNothing(studies)) return voteOnActivation([]);
  const vote = voteOnActivation(studies);
  agreeOnActivation(studies, vote);
  const common = vote.activation === null ? [] : [vote.activation, ...vote.others];
  const ordinary = vote.activation === null ? null : new Set(common.map(({ name }) => name));
  for (const study of studies) study.ordinary = ordinary;
  // Composites are made of what is known; where nothing is, the numbers were made up or say nothing.
  const isAnyKnown = studies.some((study) => study.share >= WORTH_KNOWING);
  for (const [idx, study] of studies.entries()) {
    if (study.share >= SETTLED) continue;
    work.share(2 * studies.length - idx);
    // The largest of a window is seldom negative: whether it was activated is for the file to say, where both fit.
    const plain = [...pooledFeeds(study, base, [identity]), ...pooledMirrors(study, base)];
    const behind = pooledBehindLinks(study, base, common);
    yield* study.consider([pooledFeeds(study, base, common), plain, behind], SETTLED_POOLED);
    yield* study.consider([gatedFeeds(study, base, common)]);
    yield;
  }
  if (isAnyKnown) yield* tryCompositeFeeds(base, common);
  studies.forEach(settlePredecessor);
  for (const study of studies) trySharedNeighbours(study, base);
  return vote;
}

/** With fewer pairs, all of them may be fed with sums or the like. */
const MIN_PAIRS = 12;
/** In trained networks of practice, single layers explain nearly everything about most pairs. */
const SOMETHING = 0.5;

/** Whether the numbers were made up or stood still while the weights moved on, so that looking further is in vain. */
function saysNothing(studies: readonly Study[]): boolean {
  return studies.length >= MIN_PAIRS && studies.every(({ share }) => share < SOMETHING);
}
