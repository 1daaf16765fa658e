import type { Study } from '../recovery/study';
import { isWithOrdinaryActivation } from './ordinaryActivation';
import { shortcutBehind } from './shortcutBehind';

/**
 * What a proof must explain of the running means' variation, with slope 1, no offset and the most helpful channel
 * left out. True pairs reach 0.9 to 1.00; of more than 11 000 wrong ones in 14 trained files none passed.
 */
const MIN_SHARE = 0.75;

/**
 * Largest mean distance of stored from predicted means, in standard deviations. A max-pooling between convolution
 * and BatchNorm shifts all means alike, by a third of a standard deviation and more.
 */
const MAX_OFFSET = 0.25;

/**
 * Probability with which one pair of unrelated numbers may pass, all hypotheses tried for it counted (Bonferroni).
 * With the two limits above, which chance does not meet either, far fewer than 1 in 1000 pass.
 */
const MAX_FALSE_PROBABILITY = 1e-3;

/** Whether the study's best reading proves that this convolution's output is what the BatchNorm saw. */
export function isProof(study: Study, alternatives = 1): boolean {
  const { best } = study;
  if (best === null) return false;
  const { share, offset, logProbability } = best.fit;
  const tried = Math.log(Math.max(study.tried, 1) * alternatives);
  return (
    share >= MIN_SHARE &&
    Math.abs(offset) <= MAX_OFFSET &&
    logProbability + tried <= Math.log(MAX_FALSE_PROBABILITY) &&
    isWithOrdinaryActivation(study, MIN_SHARE) &&
    shortcutBehind(study) === null
  );
}
