import type { Feed } from '../feeds/feed';
import { fitPrediction, type Prediction } from '../fit';
import type { Study } from './study';

/** More unknown means than this are not tried: too few channels are left to contradict them. */
export const MAX_FREE_INPUTS = 5;

/** The input of a network: nothing is known of it but that it has few channels. */
const unknownInput: Feed = {
  key: 'unknown input',
  origin: { kind: 'unknown' },
  activation: 'none',
  via: null,
  mean: new Float64Array(),
  std: () => new Float64Array(),
  order: -1,
};

/**
 * Fits a convolution that sees few channels, such as an image's three or a voxel's five, without knowing their means:
 * they are unknowns of either sign, and paid for in the probability. `shares` says how much each plane of sums counts;
 * for a dense convolution all taps count alike.
 */
export function tryFreeInput(study: Study, shares: Float64Array | null = null): void {
  const { inputs, planes, rows, plan } = study.sums;
  if (inputs > MAX_FREE_INPUTS || study.conv.groups > 1) return;
  const weights = shares ?? (plan.hasBase ? Float64Array.of(1) : null);
  if (weights === null) return;
  const counted = plan.hasBase ? planes : planes.slice(1);
  const columns = Array.from({ length: inputs }, (_, input) =>
    Float64Array.from(rows, (_channel, row) =>
      counted.reduce(
        (sum, plane, k) => sum + (weights[k] ?? 0) * (plane[row * inputs + input] ?? 0),
        0,
      ),
    ),
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
