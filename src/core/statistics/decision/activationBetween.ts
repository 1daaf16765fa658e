import { fitPrediction, storedMeans, type StoredMeans } from '../fit';
import { activations, type Activation } from '../mathematics/activations';
import type { Reading } from '../readings';
import type { Study } from '../recovery/study';

/** An activation between convolution and BatchNorm that explains the running statistics where nothing does without. */
export interface ActivationFound {
  readonly name: string;
  readonly fit: number;
}

/** Readings tried as what the convolution gives before the activation: those that correlate best. */
const MAX_READINGS = 12;
const MAX_ROWS = 128;
const MIN_CHANNELS = 16;

const MIN_SHARE = 0.85;
/** With the activation, at most this share of what is left unexplained without one may be left. */
const CLEAR_LEAD = 0.4;
const MAX_LOG_PROBABILITY = Math.log(1e-4);

/**
 * Looks for an activation that stands between a convolution and its BatchNorm. Given what the convolution puts out
 * on average, each channel's running variance says how wide its values must spread for the activation's output to
 * vary so much, and then what the activation's mean must be: no free parameter is left. Null unless one activation
 * explains the means clearly better than none does.
 */
export function activationBetween(study: Study): ActivationFound | null {
  if (study.norm.mean.length < MIN_CHANNELS) return null;
  const readings = study.singles
    .toSorted((a, b) => b.fit.correlation - a.fit.correlation)
    .slice(0, MAX_READINGS);
  const stored = storedMeans(study.norm, study.sums.rows, null);
  const lowest = study.norm.mean.reduce((low, mean) => Math.min(low, mean), 0);
  const tried = Math.log((study.tried + 1) * activations.length);
  const found = activations
    .filter((activation) => lowest >= floorOf(activation))
    .flatMap((activation) =>
      readings.map((reading) => ({
        name: activation.name,
        fit: fitBehind(study, stored, reading, activation),
      })),
    )
    .toSorted((a, b) => b.fit.share - a.fit.share)[0];
  if (found === undefined) return null;
  const without = Math.max(study.best?.fit.share ?? 0, 0);
  const isClear =
    found.fit.share >= MIN_SHARE &&
    found.fit.logProbability + tried <= MAX_LOG_PROBABILITY &&
    1 - found.fit.share <= CLEAR_LEAD * (1 - without);
  return isClear ? { name: found.name, fit: found.fit.correlation } : null;
}

/** Least value the activation gives, −∞ for a leaky one: a mean below it rules the activation out. */
function floorOf(activation: Activation): number {
  if (activation.name.startsWith('leaky')) return -Infinity;
  let least = 0;
  for (let z = -6; z < 0; z += 0.05) least = Math.min(least, activation.apply(z, 0));
  return least - 1e-6;
}

function fitBehind(
  study: Study,
  stored: StoredMeans,
  reading: Reading,
  activation: Activation,
): ReturnType<typeof fitPrediction> {
  const { rows } = study.sums;
  const step = Math.ceil(rows.length / MAX_ROWS);
  const base = new Float64Array(rows.length);
  const scale = stored.scale.map((value, row) => (row % step === 0 ? value : 0));
  rows.forEach((channel, row) => {
    if (row % step !== 0) return;
    const mean = (reading.prediction.base[row] ?? 0) * reading.gain + (study.bias?.[channel] ?? 0);
    const std = Math.sqrt(Math.max(study.norm.variance[channel] ?? 0, 0));
    base[row] = activation.moments(mean, spreadBefore(activation, mean, std), channel).mean;
  });
  const values = stored.values.map((value, row) => (row % step === 0 ? value : 0));
  const count = scale.reduce((sum, inverse) => sum + (inverse > 0 ? 1 : 0), 0);
  return fitPrediction({ values, scale, count }, { base, columns: [], limits: [] });
}

/** Standard deviation that values of this mean must have for the activation to give values that vary by `std`. */
function spreadBefore(activation: Activation, mean: number, std: number): number {
  let low = 0;
  let high = Math.max(std, 1e-12);
  for (let round = 0; round < 40 && activation.moments(mean, high, 0).std < std; round++) high *= 2;
  for (let round = 0; round < 30; round++) {
    const middle = (low + high) / 2;
    if (activation.moments(mean, middle, 0).std < std) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
