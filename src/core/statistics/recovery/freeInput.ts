import type { Feed } from '../feeds/feed';
import { fitPrediction, type Prediction } from '../fit';
import type { Study } from './study';

/** More unknown means than this are not tried: too few channels are left to contradict them. */
const MAX_INPUTS = 4;

/** The input of a network: nothing is known of it but that it has few channels. */
const unknownInput: Feed = {
  key: 'unknown input',
  origin: { kind: 'unknown' },
  activation: 'none',
  via: null,
  mean: new Float64Array(),
  std: new Float64Array(),
  order: -1,
};

/**
 * Fits a convolution that sees few channels, such as an image's three, without knowing their means: they are
 * unknowns of either sign, and paid for in the probability.
 */
export function tryFreeInput(study: Study): void {
  const { inputs, planes, rows } = study.sums;
  const plane = planes[study.sums.plan.hasBase ? 0 : 1];
  if (inputs > MAX_INPUTS || study.conv.groups > 1 || plane === undefined) return;
  const columns = Array.from({ length: inputs }, (_, input) =>
    Float64Array.from(rows, (_channel, row) => plane[row * inputs + input] ?? 0),
  );
  const prediction: Prediction = {
    base: new Float64Array(rows.length),
    columns,
    limits: columns.map(() => Infinity),
    isSigned: true,
  };
  const fit = fitPrediction(study.stored, prediction);
  study.offer({ feed: unknownInput, gain: 1, prediction, fit });
}
