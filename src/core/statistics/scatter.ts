import type { Pair } from '../model/pair';
import type { ActivationVote } from './recovery/activationVote';
import type { Study } from './recovery/study';
import { scatterCandidates, type ScatterCandidate } from './scatterCandidates';

/** One picture: predicted against stored running means of a BatchNorm. A true pair is a line, a wrong one a cloud. */
export interface ScatterData {
  readonly bn: string;
  /** Output channels shown; large layers show an even selection. */
  readonly channels: Int32Array;
  /** running_mean of these channels. */
  readonly stored: Float32Array;
  /** √running_var of these channels: the unit in which a distance from the diagonal counts. */
  readonly std: Float32Array;
  /** The pair as it was found first, then what it may be compared with. */
  readonly candidates: readonly ScatterCandidate[];
}

/** The picture of a pair; `studies` give the other convolutions, each with its own best prediction. */
export function scatterOf(
  pair: Pair,
  own: Study,
  studies: readonly Study[],
  vote: ActivationVote,
): ScatterData {
  const { rows } = own.sums;
  const pick = (values: Float64Array): Float32Array =>
    Float32Array.from(rows, (channel) => values[channel] ?? NaN);
  return {
    bn: pair.bn.name,
    channels: rows,
    stored: pick(own.norm.mean),
    std: pick(own.norm.variance).map((value) => Math.sqrt(value)),
    candidates: scatterCandidates(own, studies, vote),
  };
}
