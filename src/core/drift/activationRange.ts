/** Activation that follows a BatchNorm, as far as it bounds its output; one without bounds cuts nothing. */
export interface FollowingActivation {
  readonly name: 'none' | 'relu' | 'relu6' | 'clip' | 'unknown';
  readonly min: number;
  readonly max: number;
}

/** Range an activation is promised to stay in, per tensor and per channel. */
export interface ActivationRange {
  readonly min: number;
  readonly max: number;
  readonly channelMin: Float64Array;
  readonly channelMax: Float64Array;
}

/** Standard deviations on each side of the mean, as in Data-Free Quantization. */
const DEVIATIONS = 6;

/**
 * What a BatchNorm promises of its output without any data: channel c is about N(beta, gamma²), so beta ± 6·|gamma|,
 * cut by the activation behind it. A fold destroys this knowledge.
 * Source: M. Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, ICCV 2019, 4.2.1.
 */
export function promisedRange(
  gamma: Float64Array,
  beta: Float64Array,
  activation: FollowingActivation,
): ActivationRange {
  const cut = (value: number): number => Math.min(Math.max(value, activation.min), activation.max);
  const edge = (side: number): Float64Array =>
    gamma.map((factor, channel) =>
      cut((beta[channel] ?? 0) + side * DEVIATIONS * Math.abs(factor)),
    );
  const [channelMin, channelMax] = [edge(-1), edge(1)];
  return {
    min: channelMin.reduce((a, b) => Math.min(a, b), Infinity),
    max: channelMax.reduce((a, b) => Math.max(a, b), -Infinity),
    channelMin,
    channelMax,
  };
}
