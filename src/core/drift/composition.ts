import type { Pair } from '../model/pair';
import type { Reason, ReasonCode } from '../model/reason';

/** Reasons that deny that the BatchNorm takes the convolution's output as it is, constants between aside. */
const denials: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'ACTIVATION_BETWEEN',
  'OPERATOR_BETWEEN',
  'BATCHNORM_BETWEEN',
  'NORM_BEFORE_CONV',
  'FUSED_ACTIVATION',
  'STATISTICS_DISAGREE',
]);

/** Why convolution and BatchNorm do not compose to one convolution at all; null when they do. */
export function whyNoComposition({ reasons }: Pair): Reason | null {
  return reasons.find(({ code }) => denials.has(code)) ?? null;
}

/** Whether the pair is no more than a guess from names, which a folded file may confirm. */
export function isGuess({ reasons, verdict }: Pair): boolean {
  return verdict === 'blocked' && reasons.some(({ code }) => code === 'PAIR_UNPROVED');
}
