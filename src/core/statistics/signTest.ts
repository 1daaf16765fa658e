import type { OpenedModel } from '../model/openedModel';
import type { Pair, Pairing, StatisticsFinding } from '../model/pair';
import { blockPair } from './blockPair';
import { readVector } from './norm';
import { isUntrained } from './untrained';

/**
 * Channels a BatchNorm must have before the absence of negative means counts as a proof. Over 549 BatchNorms of
 * 13 trained networks the smallest share of negative means behind a convolution was 0.21, and 0.4 to 0.6 is usual;
 * 16 channels without one then come by chance once in some thousands of layers.
 */
const MIN_CHANNELS = 16;

/** Depthwise filters lean to one sign (shares down to 0.2 are usual), so they need more channels for the same proof. */
const MIN_DEPTHWISE_CHANNELS = 32;

/**
 * Lets the signs of the running means testify (FOLDING.md section 7): conv → ReLU → BatchNorm averages what a ReLU
 * let through, so no mean is negative; a convolution's own output has means of both signs.
 * Pairs known by names or modules get a finding, and those without a negative mean over enough channels are blocked.
 * Pairs of a graph are left alone: there the edges prove what stands between. Reads only the BatchNorms' vectors.
 */
export function applySignTest(model: OpenedModel, pairing: Pairing): Pairing {
  return { ...pairing, pairs: pairing.pairs.map((pair) => signTested(model, pair)) };
}

function signTested(model: OpenedModel, pair: Pair): Pair {
  if (pair.evidence === 'graph') return pair;
  const mean = readVector(model, pair.bn.mean);
  const variance = readVector(model, pair.bn.variance);
  if (mean === null || variance === null || mean.length === 0) return pair;
  const signs = countSigns(mean);
  const statistics = signFinding(pair, signs, isUntrained(mean, variance));
  if (statistics.says !== 'contradicts') return { ...pair, statistics };
  return blockPair({ ...pair, statistics }, [
    ['ACTIVATION_BETWEEN', 'A ReLU'],
    ['ALL_MEANS_NON_NEGATIVE', mean.length],
  ]);
}

/** How many running means are below, at and above zero. NaN counts as none of them. */
export interface SignCount {
  readonly negative: number;
  readonly zero: number;
  readonly positive: number;
}

/** Counts the signs of running means `[C]`. */
export function countSigns(mean: Float64Array): SignCount {
  let negative = 0;
  let zero = 0;
  let positive = 0;
  for (const value of mean) {
    if (value < 0) negative++;
    else if (value > 0) positive++;
    else if (value === 0) zero++;
  }
  return { negative, zero, positive };
}

/**
 * Whether these signs cannot come from a convolution's own output. A dead channel's mean (exactly 0) proves nothing,
 * so only positive ones count.
 */
export function signsProveRectifier(signs: SignCount, isDepthwise: boolean): boolean {
  const needed = isDepthwise ? MIN_DEPTHWISE_CHANNELS : MIN_CHANNELS;
  return signs.negative === 0 && signs.positive >= needed;
}

function signFinding(pair: Pair, signs: SignCount, untrained: boolean): StatisticsFinding {
  const { groups, inChannels } = pair.conv;
  const count = signs.negative + signs.zero + signs.positive;
  const isDepthwise = groups > 1 && groups === inChannels;
  const contradicts = !untrained && signsProveRectifier(signs, isDepthwise);
  return {
    says: contradicts ? 'contradicts' : 'silent',
    fit: null,
    from: null,
    activation: null,
    negativeMeans: count === 0 ? 0 : signs.negative / count,
    sentence: signSentence(signs, count, untrained, contradicts),
  };
}

function signSentence(
  signs: SignCount,
  count: number,
  untrained: boolean,
  contradicts: boolean,
): string {
  if (untrained) {
    return 'The running statistics are those of a BatchNorm that never saw data, so they say nothing.';
  }
  if (contradicts) {
    return `None of the ${count} running means is negative: a ReLU stands between the convolution and the BatchNorm.`;
  }
  if (signs.negative === 0) {
    return `None of the ${count} running means is negative, but so few channels prove nothing.`;
  }
  return `${signs.negative} of ${count} running means are negative, so no ReLU stands between the convolution and the BatchNorm; the signs say no more than that.`;
}
