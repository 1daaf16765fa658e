import { findingSentence, type FindingSentence } from '../model/findingSentence';
import type { OpenedModel } from '../model/openedModel';
import type { Pair, Pairing, StatisticsFinding } from '../model/pair';
import { groupBy } from '../pairing/modules/groupBy';
import { blockPair } from './blockPair';
import { logFitProbability } from './mathematics/regressionTail';
import { isDead, readVector } from './norm';
import { isUntrained } from './untrained';

/** Channels from which a BatchNorm without a negative mean is remarkable: chance would do that once in 2^16. */
const MIN_CHANNELS = 16;

/** In a file where such BatchNorms are the rule, this many positive means are enough for one that follows it. */
const MIN_CHANNELS_OF_FOLLOWER = 4;

/** BatchNorms named alike that must agree before they are judged apart from the rest of the file. */
const MIN_SIBLINGS = 3;

/**
 * What a ReLU lets through grows and spreads together: over the channels of a layer, log mean and log variance
 * correlate at 0.68 to 0.99 in trained networks with a ReLU there. Numbers that were made up do not.
 */
const MIN_CORRELATION = 0.5;

/** A single BatchNorm in a file has nothing to be compared with; it must be this wide. */
const MIN_CHANNELS_ALONE = 64;

/** Positive means that a file must hold, and layers, before all of its layers are judged together. */
const MIN_MEANS_OF_ALL = 64;
const MIN_LAYERS_OF_ALL = 3;

/** Probability with which means of made-up numbers may grow with their variances, over all layers of a file. */
const MAX_PROBABILITY_OF_ALL = 1e-3;

/**
 * Lets the signs of the running means testify (FOLDING.md section 7): conv → ReLU → BatchNorm averages what a ReLU
 * let through, so no mean is negative; a convolution's own output has means of both signs.
 *
 * One layer without a negative mean proves nothing: filters in front of a global average can all lean to one side
 * (seen in true pairs with 32 channels). A habit does: whoever writes ReLU before BatchNorm writes it throughout. So
 * a pair is blocked when at least half of the file's BatchNorms, or all that are named alike, have no negative mean,
 * and means that grow with their variances, as a ReLU's do. Where not one mean in the file is negative it is enough
 * that they grow so over all layers together: a residual sum before the BatchNorm blurs that in each of them.
 *
 * Pairs known by names or modules get a finding. Pairs of a graph are left alone: there the edges prove what stands
 * between. Reads only the BatchNorms' vectors.
 */
export function applySignTest(model: OpenedModel, pairing: Pairing): Pairing {
  const witnesses = new Map<string, SignWitness>();
  for (const { bn, evidence } of pairing.pairs) {
    if (evidence === 'graph' || witnesses.has(bn.name)) continue;
    const mean = readVector(model, bn.mean);
    const variance = readVector(model, bn.variance);
    if (mean === null || variance === null || mean.length === 0) continue;
    const signs = countSigns(mean, variance);
    const isTrained = !isUntrained(mean, variance);
    witnesses.set(bn.name, { name: bn.name, signs, growth: growthOf(mean, variance), isTrained });
  }
  const rectified = rectifiedNorms([...witnesses.values()]);
  return {
    ...pairing,
    pairs: pairing.pairs.map((pair) => {
      const witness = witnesses.get(pair.bn.name);
      return witness === undefined || pair.evidence === 'graph'
        ? pair
        : signTested(pair, witness, rectified.has(witness.name));
    }),
  };
}

/** Signs of a BatchNorm's running means. NaN counts as none of them, a channel that has died as zero. */
export interface SignCount {
  readonly negative: number;
  readonly zero: number;
  readonly positive: number;
}

/** A BatchNorm as the sign test sees it. */
export interface SignWitness {
  readonly name: string;
  readonly signs: SignCount;
  readonly growth: Growth;
  readonly isTrained: boolean;
}

/** Sums over the channels of log mean and log variance, each less its average in the layer. */
export interface Growth {
  readonly channels: number;
  /** Σ (log mean)², Σ (log variance)² and Σ log mean · log variance. */
  readonly squares: readonly [number, number];
  readonly product: number;
}

/** Counts the signs of running means `[C]`, with running variances `[C]`. */
export function countSigns(mean: Float64Array, variance: Float64Array): SignCount {
  let negative = 0;
  let zero = 0;
  let positive = 0;
  mean.forEach((value, channel) => {
    if (value === 0 || isDead(value, variance[channel] ?? 0)) zero++;
    else if (value < 0) negative++;
    else if (value > 0) positive++;
  });
  return { negative, zero, positive };
}

/** Names of the BatchNorms whose signs, together with those of their like, prove a rectifier in front. */
export function rectifiedNorms(witnesses: readonly SignWitness[]): ReadonlySet<string> {
  const testable = witnesses.filter(
    ({ signs, isTrained }) => isTrained && signs.positive + signs.negative >= MIN_CHANNELS,
  );
  const [only] = testable;
  const proved = new Set<string>();
  const accuse = (group: readonly SignWitness[]): void => {
    for (const witness of group) {
      const { negative, positive } = witness.signs;
      const follows = negative === 0 && positive >= MIN_CHANNELS_OF_FOLLOWER;
      if (witness.isTrained && follows) proved.add(witness.name);
    }
  };
  if (only !== undefined && testable.length === 1) {
    if (isOneSided(only) && only.signs.positive >= MIN_CHANNELS_ALONE) accuse(witnesses);
  } else if (testable.length > 0 && testable.filter(isOneSided).length * 2 >= testable.length) {
    accuse(witnesses);
  }
  if (isRectifiedThroughout(witnesses.filter(({ isTrained }) => isTrained))) accuse(witnesses);
  for (const siblings of groupBy(testable, ({ name }) => namePattern(name)).values()) {
    if (siblings.length >= MIN_SIBLINGS && siblings.every(isOneSided)) accuse(siblings);
  }
  return proved;
}

function isOneSided({ signs, growth }: SignWitness): boolean {
  return signs.negative === 0 && correlationOf(growth) >= MIN_CORRELATION;
}

function isRectifiedThroughout(witnesses: readonly SignWitness[]): boolean {
  const positive = witnesses.reduce((sum, { signs }) => sum + signs.positive, 0);
  const isCandidate =
    witnesses.length >= MIN_LAYERS_OF_ALL &&
    positive >= MIN_MEANS_OF_ALL &&
    witnesses.every(({ signs }) => signs.negative === 0);
  if (!isCandidate) return false;
  const growth = witnesses.map((witness) => witness.growth).reduce(sumOf);
  // Each layer has taken an average of its own; one is in `logFitProbability` already.
  const count = growth.channels - witnesses.length + 1;
  const logProbability = logFitProbability(correlationOf(growth), count, 1);
  return logProbability <= Math.log(MAX_PROBABILITY_OF_ALL);
}

function growthOf(mean: Float64Array, variance: Float64Array): Growth {
  const points: [number, number][] = [];
  mean.forEach((value, channel) => {
    const spread = variance[channel] ?? 0;
    const counts = value > 0 && spread > 0 && !isDead(value, spread);
    if (counts) points.push([Math.log(value), Math.log(spread)]);
  });
  const total = (pick: (point: [number, number]) => number): number =>
    points.reduce((sum, point) => sum + pick(point), 0);
  const [x, y] = [total(([a]) => a) / points.length, total(([, b]) => b) / points.length];
  return {
    channels: points.length,
    squares: [total(([a]) => (a - x) ** 2), total(([, b]) => (b - y) ** 2)],
    product: total(([a, b]) => (a - x) * (b - y)),
  };
}

function sumOf(a: Growth, b: Growth): Growth {
  return {
    channels: a.channels + b.channels,
    squares: [a.squares[0] + b.squares[0], a.squares[1] + b.squares[1]],
    product: a.product + b.product,
  };
}

/** Pearson's correlation of log mean and log variance. */
function correlationOf({ squares: [x, y], product }: Growth): number {
  return x > 0 && y > 0 ? product / Math.sqrt(x * y) : 0;
}

/** What names of the same place in repeated blocks have in common: `layer1.0.bn2` and `layer1.1.bn2`. */
export function namePattern(name: string): string {
  return name.replace(/\d+/g, '#');
}

function signTested(pair: Pair, witness: SignWitness, isRectified: boolean): Pair {
  const { signs } = witness;
  const count = signs.negative + signs.zero + signs.positive;
  const statistics: StatisticsFinding = {
    says: isRectified ? 'contradicts' : 'silent',
    fit: null,
    from: null,
    activation: null,
    negativeMeans: count === 0 ? 0 : signs.negative / count,
    ...signSentence(witness, count, isRectified),
  };
  if (!isRectified) return { ...pair, statistics };
  return blockPair({ ...pair, statistics }, [
    ['ACTIVATION_BETWEEN', 'A ReLU'],
    ['ALL_MEANS_NON_NEGATIVE', count],
  ]);
}

function signSentence(witness: SignWitness, count: number, isRectified: boolean): FindingSentence {
  const { signs, isTrained } = witness;
  if (!isTrained) return findingSentence('NEVER_TRAINED');
  if (isRectified) return findingSentence('NO_MEAN_NEGATIVE', count);
  if (signs.negative === 0) return findingSentence('NO_MEAN_NEGATIVE_BY_CHANCE', count);
  return findingSentence('SOME_MEANS_NEGATIVE', signs.negative, count);
}
