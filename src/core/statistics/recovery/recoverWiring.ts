import { CancellationError } from '../../errors';
import type { Activation } from '../mathematics/activations';
import { agreeOnActivation, voteOnActivation } from './activationVote';
import { tryChainFeeds } from './chainFeeds';
import { SETTLED, tryCompositeFeeds } from './compositeFeeds';
import type { EvidenceBase, ReadingJob } from './evidenceBase';
import { tryFreeInput } from './freeInput';
import { trySingleFeeds } from './singleFeeds';

/** Activations that take part in sums: networks use one nearly everywhere. */
const COMMON_ACTIVATIONS = 1;

/**
 * Finds for every study what its convolution is fed with, as far as the numbers tell, from the simplest explanation
 * to more complicated ones. Returns the file's activations, the likeliest first; empty when no layer tells.
 */
export function recoverWiring(base: EvidenceBase, job: ReadingJob): readonly Activation[] {
  const check = (): void => {
    if (job.isCancelled()) throw new CancellationError();
  };
  for (const study of base.studies) {
    check();
    trySingleFeeds(study, base);
    if ((study.best?.fit.share ?? 0) < SETTLED) tryChainFeeds(study, base);
  }
  const voted = voteOnActivation(base.studies);
  agreeOnActivation(base.studies, voted);
  tryCompositeFeeds(base, voted.slice(0, COMMON_ACTIVATIONS), check);
  for (const study of base.studies) tryFreeInput(study);
  return voted;
}
