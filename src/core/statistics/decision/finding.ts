import type { Pair, StatisticsFinding } from '../../model/pair';
import type { ActivationVote } from '../recovery/activationVote';
import type { Study } from '../recovery/study';
import { countSigns } from '../signTest';
import { wiringOf } from './wiring';

/** The finding of a pair that its study proves. */
export function confirmingFinding(study: Study, vote: ActivationVote): StatisticsFinding {
  const wiring = wiringOf(study, vote);
  const fit = fitOf(study);
  const followed =
    wiring === null ? 'from this convolution' : `${wiring.text} through this convolution`;
  return {
    says: 'confirms',
    fit,
    from: wiring?.from ?? null,
    activation: wiring?.activation ?? null,
    ...(wiring === null ? {} : { fedBy: wiring.text }),
    negativeMeans: negativeShare(study),
    sentence: `The means of ${study.norm.mean.length} channels follow ${followed} at ${asFit(fit)}: the pair is right, and nothing stands between it and its BatchNorm.`,
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
    sentence: silentSentence(pair, study),
  };
}

/** The finding of a pair that another explanation rules out. */
export function contradictingFinding(
  pair: Pair,
  study: Study | null,
  sentence: string,
): StatisticsFinding {
  return { ...silentFinding(pair, study), says: 'contradicts', sentence };
}

/** Correlation of predicted and stored means, 0 where they run against each other. */
export function fitOf(study: Study): number {
  return Math.min(Math.max(study.best?.fit.correlation ?? 0, 0), 1);
}

/** A correlation as people read it; never rounded up to a perfect 1. */
export function asFit(fit: number): string {
  return fit > 0.9995 ? '0.999' : fit.toFixed(3);
}

/** A reading that explains this much is not proved only for want of channels that differ. */
const GOOD_SHARE = 0.75;

function silentSentence(pair: Pair, study: Study | null): string {
  if (study === null) {
    return 'The running statistics are missing or were never trained, so they say nothing.';
  }
  if (study.best === null) {
    return `No BatchNorm of the file has the channels to feed ${pair.conv.name}, so the running means say nothing.`;
  }
  const fit = asFit(fitOf(study));
  if (study.best.fit.share >= GOOD_SHARE) {
    return `The running means follow from this convolution at ${fit}, but too few channels differ enough for a proof.`;
  }
  return `Nothing that the file shows explains the running means through this convolution (best fit ${fit}), so they say nothing.`;
}

function negativeShare({ norm }: Study): number {
  return countSigns(norm.mean).negative / norm.mean.length;
}
