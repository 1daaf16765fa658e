import { agreeOnActivation, voteOnActivation, type ActivationVote } from './activationVote';
import { tryChainFeeds } from './chainFeeds';
import { SETTLED, tryCompositeFeeds } from './compositeFeeds';
import type { EvidenceBase } from './evidenceBase';
import { WORTH_KNOWING } from './knownFeeds';
import { tryFreeInput } from './freeInput';
import { tryGatedFeeds } from './gatedFeeds';
import { tryPooledFeeds } from './pooledFeeds';
import { settlePredecessor } from './predecessor';
import { trySharedNeighbours } from './sharedNeighbours';
import { trySingleFeeds } from './singleFeeds';

/**
 * Finds for every study what its convolution is fed with, as far as the numbers tell, from the simplest explanation
 * to more complicated ones. Called again with more studies it only tries what is new. Yields after each piece of work;
 * returns the activation that the layers agree on.
 */
export function* recoverWiring(base: EvidenceBase): Generator<void, ActivationVote> {
  const { studies } = base;
  for (const study of studies) {
    tryFreeInput(study);
    if (study.share < SETTLED) trySingleFeeds(study, base);
    if (study.share < SETTLED) tryChainFeeds(study, base);
    yield;
  }
  const vote = voteOnActivation(studies);
  agreeOnActivation(studies, vote);
  const common = vote.activation === null ? [] : [vote.activation, ...vote.others];
  // Composites are made of what is known; where nothing is, the numbers were made up or say nothing.
  const isAnyKnown = studies.some((study) => study.share >= WORTH_KNOWING);
  for (const study of studies) {
    if (study.share >= SETTLED) continue;
    tryPooledFeeds(study, base, common);
    tryGatedFeeds(study, base, common);
    yield;
  }
  if (isAnyKnown) yield* tryCompositeFeeds(base, common);
  studies.forEach(settlePredecessor);
  for (const study of studies) trySharedNeighbours(study, base);
  return vote;
}
