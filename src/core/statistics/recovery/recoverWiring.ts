import { CancellationError } from '../../errors';
import { agreeOnActivation, voteOnActivation, type ActivationVote } from './activationVote';
import { tryChainFeeds } from './chainFeeds';
import { SETTLED, tryCompositeFeeds } from './compositeFeeds';
import type { EvidenceBase, ReadingJob } from './evidenceBase';
import { tryFreeInput } from './freeInput';
import { tryGatedFeeds } from './gatedFeeds';
import { tryPooledFeeds } from './pooledFeeds';
import { settlePredecessor } from './predecessor';
import { trySharedNeighbours } from './sharedNeighbours';
import { trySingleFeeds } from './singleFeeds';
import type { Study } from './study';

/**
 * Finds for every study what its convolution is fed with, as far as the numbers tell, from the simplest explanation
 * to more complicated ones. Called again with more studies it only tries what is new. Returns the activation that
 * the layers agree on.
 */
export function recoverWiring(base: EvidenceBase, job: ReadingJob): ActivationVote {
  const checkCancelled = (): void => {
    if (job.isCancelled()) throw new CancellationError();
  };
  const forEachUnsettled = (visit: (study: Study) => void): void => {
    for (const study of base.studies) {
      checkCancelled();
      if ((study.best?.fit.share ?? 0) < SETTLED) visit(study);
    }
  };
  forEachUnsettled((study) => {
    tryFreeInput(study);
    trySingleFeeds(study, base);
  });
  forEachUnsettled((study) => {
    tryChainFeeds(study, base);
  });
  const vote = voteOnActivation(base.studies);
  agreeOnActivation(base.studies, vote);
  const common = vote.activation === null ? [] : [vote.activation, ...vote.others];
  forEachUnsettled((study) => {
    tryPooledFeeds(study, base, common);
    tryGatedFeeds(study, base, common);
  });
  tryCompositeFeeds(base, common, checkCancelled);
  base.studies.forEach(settlePredecessor);
  base.studies.forEach((study) => {
    trySharedNeighbours(study, base);
  });
  return vote;
}
