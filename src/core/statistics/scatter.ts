import type { Pair } from '../model/pair';
import { wiringOf } from './decision/wiring';
import type { ActivationVote } from './recovery/activationVote';
import type { Study } from './recovery/study';

/** One picture: predicted against stored running means of a BatchNorm. A true pair is a line, a wrong one a cloud. */
export interface ScatterData {
  readonly bn: string;
  /** Output channels shown; large layers show an even selection. */
  readonly channels: Int32Array;
  /** running_mean of these channels. */
  readonly stored: Float32Array;
  /** √running_var of these channels: the unit in which a distance from the diagonal counts. */
  readonly std: Float32Array;
  /** The pair's own convolution first, then others as wide, to compare with. */
  readonly candidates: readonly ScatterCandidate[];
}

/** A convolution's prediction of the means. */
export interface ScatterCandidate {
  readonly conv: string;
  /** What the convolution is fed with, as text; null when the numbers do not tell. */
  readonly fedBy: string | null;
  /** Correlation of predicted and stored means; null where the other convolution is shown for comparison. */
  readonly fit: number | null;
  readonly predicted: Float32Array;
}

/** Other convolutions shown beside the pair's own. */
const MAX_OTHERS = 3;

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
  const others = studies
    .filter(({ conv, sums }) => conv !== own.conv && sums.outChannels === own.sums.outChannels)
    .toSorted((a, b) => Math.abs(a.order - own.order) - Math.abs(b.order - own.order))
    .slice(0, MAX_OTHERS);
  return {
    bn: pair.bn.name,
    channels: rows,
    stored: pick(own.norm.mean),
    std: pick(own.norm.variance).map((value) => Math.sqrt(value)),
    candidates: [own, ...others].flatMap((study) => {
      const predicted = study.predicted();
      if (predicted === null) return [];
      return [
        {
          conv: study.conv.name,
          fedBy: wiringOf(study, vote)?.text ?? null,
          fit: study === own ? (study.best?.fit.correlation ?? null) : null,
          predicted: Float32Array.from(predicted),
        },
      ];
    }),
  };
}
