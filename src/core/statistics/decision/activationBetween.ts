import { fitPrediction, type Fit } from '../fit';
import { activations, rareActivations, type Activation } from '../mathematics/activations';
import { predictEach, type Reading } from '../readings';
import { logFitProbability } from '../mathematics/regressionTail';
import type { Norm } from '../norm';
import type { Study } from '../recovery/study';
import { pickRows } from '../recovery/witness';
import { pickMeans, storedMeans, type StoredMeans } from '../storedMeans';

/** An activation between convolution and BatchNorm that explains the running statistics where nothing does without. */
export interface ActivationFound {
  /** One that fits; its like may fit as well. */
  readonly name: string;
  readonly fit: number;
}

/** Activations looked for, the commonest first. */
const looked: readonly Activation[] = [...activations, ...rareActivations];

/** Readings tried as what the convolution gives before the activation: those that correlate best. */
const MAX_READINGS = 6;
const MAX_ROWS = 64;
const MIN_CHANNELS = 16;

/**
 * Correlations: behind the right activation means follow at 0.73 to 0.96 in trained networks. Of 491 true pairs none
 * had a fit this good behind an activation and so poor without.
 */
const MIN_CORRELATION = 0.9;
const MAX_CORRELATION_WITHOUT = 0.8;
/** With the activation, at most this share of the variation left unexplained without one may be left. */
const CLEAR_LEAD = 0.25;
/**
 * What the right activation explains with slope 1 and no offset; none is fitted. An activation also bends a wrong
 * prediction into shape: a leaky ReLU halves one that is twice too large (−1 to −17 in three true pairs), a tanh
 * clips one that is 1 % of the size because the code multiplies its weights (CSNet: −1 to 0).
 */
const MIN_SHARE = 0.1;
/** Correlations closer than this do not tell activations apart. */
const ALIKE = 0.01;
const MAX_LOG_PROBABILITY = Math.log(1e-4);

/**
 * Looks for an activation that stands between a convolution and its BatchNorm. Given what the convolution puts out
 * on average, each channel's running variance says how wide its values must spread for the activation's output to
 * vary so much, and then what the mean behind the activation must be: no free parameter is left. Null unless the
 * means follow well behind one activation and badly without any.
 */
export function activationBetween(study: Study): ActivationFound | null {
  const without = Math.max(study.best?.fit.correlation ?? 0, 0);
  if (study.stored.count < MIN_CHANNELS || without > MAX_CORRELATION_WITHOUT) return null;
  const readings = study.singles
    .toSorted((a, b) => b.fit.correlation - a.fit.correlation)
    .slice(0, MAX_READINGS);
  const few = fewChannels(study, readings);
  const lowest = study.norm.mean.reduce((low, mean) => Math.min(low, mean), 0);
  const byActivation = looked
    .filter((activation) => lowest >= floorOf(activation))
    .flatMap((activation) => {
      const fits = few.means.map((means) => fitBehind(activation, study.norm, { ...few, means }));
      const [fit] = fits.toSorted((a, b) => b.correlation - a.correlation);
      return fit === undefined ? [] : [{ name: activation.name, fit }];
    });
  const explaining = byActivation.filter(({ fit }) => fit.share >= MIN_SHARE);
  const most = Math.max(...explaining.map(({ fit }) => fit.correlation));
  // Of several that fit alike, the commonest, which comes first.
  const found = explaining.find(({ fit }) => fit.correlation >= most - ALIKE);
  if (found === undefined) return null;
  const { correlation } = found.fit;
  const logProbability = Math.max(
    found.fit.logProbability,
    logFitProbability(correlation, inputsOf(study), 1),
  );
  const tried = Math.log((study.tried + 1) * looked.length);
  const isClear =
    correlation >= MIN_CORRELATION &&
    1 - correlation ** 2 <= CLEAR_LEAD * (1 - without ** 2) &&
    logProbability + tried <= MAX_LOG_PROBABILITY;
  return isClear ? { name: found.name, fit: correlation } : null;
}

/**
 * Input channels, which bound what a true pair's means can look like: with two of them every wrong input gives one of
 * two shapes, and one that resembles the right one is soon found. Depthwise, each output has an input of its own.
 */
function inputsOf({ conv, sums }: Study): number {
  return sums.inputs === 1 ? sums.outChannels : Math.max(conv.inChannels, sums.inputs);
}

/** Least value the activation gives, −∞ for a leaky one: a mean below it rules the activation out. */
function floorOf(activation: Activation): number {
  if (activation.name.startsWith('leaky')) return -Infinity;
  let least = 0;
  for (let z = -16; z < 0; z += 0.05) least = Math.min(least, activation.apply(z, 0));
  return least - 1e-6;
}

/** At most MAX_ROWS channels, evenly spread: what is stored, and what each reading says the convolution puts out. */
function fewChannels({ norm, bias, sums }: Study, readings: readonly Reading[]): FewChannels {
  const step = Math.ceil(sums.rows.length / MAX_ROWS);
  const kept = Array.from(sums.rows.keys()).filter((row) => row % step === 0);
  const few = pickRows(sums, kept);
  const feeds = readings.map(({ feed }) => feed);
  const predictions = predictEach(few, feeds);
  return {
    channels: few.rows,
    stored: pickMeans(storedMeans(norm, sums.rows, null), kept),
    means: readings.flatMap(({ feed, gain }) => {
      const base = predictions.get(feed)?.base;
      if (base === undefined) return [];
      return [base.map((value, row) => value * gain + (bias?.[few.rows[row] ?? 0] ?? 0))];
    }),
  };
}

interface FewChannels {
  readonly channels: Int32Array;
  readonly stored: StoredMeans;
  /** Per reading. */
  readonly means: readonly Float64Array[];
}

/** How well the means behind the activation are explained where the convolution puts out `means` on average. */
function fitBehind(
  activation: Activation,
  norm: Norm,
  { channels, stored, means }: Omit<FewChannels, 'means'> & { readonly means: Float64Array },
): Fit {
  const base = means.map((mean, row) => {
    if (stored.scale[row] === 0) return 0;
    const channel = channels[row] ?? 0;
    const std = Math.sqrt(Math.max(norm.variance[channel] ?? 0, 0));
    return activation.moments(mean, spreadBefore(activation, mean, std), channel).mean;
  });
  return fitPrediction(stored, { base, columns: [], limits: [] });
}

/** Where 2^8 standard deviations do not make the output vary enough, no spread does. */
const MAX_DOUBLINGS = 8;
/** Halvings of the bracket: to a thousandth, far finer than the approximation. */
const HALVINGS = 10;

/** Standard deviation that values of this mean must have for the activation to give values that vary by `std`. */
function spreadBefore(activation: Activation, mean: number, std: number): number {
  let low = 0;
  let high = Math.max(std, 1e-12);
  for (let round = 0; round < MAX_DOUBLINGS; round++) {
    if (activation.moments(mean, high, 0).std >= std) break;
    low = high;
    high *= 2;
  }
  for (let round = 0; round < HALVINGS; round++) {
    const middle = (low + high) / 2;
    if (activation.moments(mean, middle, 0).std < std) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
