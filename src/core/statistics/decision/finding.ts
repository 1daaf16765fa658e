import { findingSentence, type FindingSentence } from '../../model/findingSentence';
import type { Pair, StatisticsFinding } from '../../model/pair';
import { fitText } from '../../wording/findingText';
import type { ActivationVote } from '../recovery/activationVote';
import type { Study } from '../recovery/study';
import { isDead } from '../norm';
import { countSigns } from '../signTest';
import { MAX_WORK } from '../workBudget';
import { isWithOrdinaryActivation } from './ordinaryActivation';
import { shortcutBehind } from './shortcutBehind';
import { wiringOf } from './wiring';

/** The finding of a pair that its study proves. */
export function confirmingFinding(study: Study, vote: ActivationVote): StatisticsFinding {
  const wiring = wiringOf(study, vote);
  const fit = fitOf(study);
  const { mean, variance } = study.norm;
  const channels = mean.filter((value, channel) => !isDead(value, variance[channel] ?? 0)).length;
  return {
    says: 'confirms',
    fit,
    from: wiring?.from ?? null,
    activation: wiring?.activation ?? null,
    ...(wiring === null || wiring.activations.length === 0
      ? {}
      : { activations: wiring.activations }),
    ...(wiring === null ? {} : { fedBy: wiring.text }),
    negativeMeans: negativeShare(study),
    ...(wiring === null
      ? findingSentence('FOLLOWS', channels, fitText(fit))
      : findingSentence('FOLLOWS_FED', channels, wiring.text, fitText(fit))),
  };
}

/** The finding of a pair about which the numbers decide nothing. */
export function silentFinding(pair: Pair, study: Study | null): StatisticsFinding {
  return {
    says: 'silent',
    fit: study === null || study.best === null ? null : fitOf(study),
    from: null,
    activation: null,
    negativeMeans: study === null ? (pair.statistics?.negativeMeans ?? 0) : negativeShare(study),
    ...silentSentence(pair, study),
  };
}

/** The finding of a pair that another explanation rules out. */
export function contradictingFinding(
  pair: Pair,
  study: Study | null,
  sentence: FindingSentence,
): StatisticsFinding {
  return { ...silentFinding(pair, study), ...sentence, says: 'contradicts' };
}

/** Correlation of predicted and stored means, 0 where they run against each other. */
export function fitOf(study: Study): number {
  return Math.min(Math.max(study.best?.fit.correlation ?? 0, 0), 1);
}

/** A reading that explains this much is not proved only for want of channels that differ. */
const GOOD_SHARE = 0.75;
/** From this correlation on, means that are not explained still run alongside the predicted ones. */
const GOOD_CORRELATION = 0.95;

function silentSentence(pair: Pair, study: Study | null): FindingSentence {
  if (study === null) return findingSentence('NEVER_TRAINED');
  if (study.isCutShort) return findingSentence('WORK_LIMIT', MAX_WORK / 1e9);
  if (study.best === null) return findingSentence('NOTHING_FITS', pair.conv.name);
  const fit = fitText(fitOf(study));
  const isGood =
    study.best.fit.share >= GOOD_SHARE &&
    isWithOrdinaryActivation(study, GOOD_SHARE) &&
    shortcutBehind(study) === null;
  if (isGood) return findingSentence('TOO_FEW_CHANNELS', fit);
  return findingSentence(fitOf(study) >= GOOD_CORRELATION ? 'ONLY_ALONGSIDE' : 'UNEXPLAINED', fit);
}

function negativeShare({ norm }: Study): number {
  return countSigns(norm.mean, norm.variance).negative / norm.mean.length;
}
