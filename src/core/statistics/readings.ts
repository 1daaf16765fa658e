import type { Feed } from './feeds/feed';
import { fitPrediction, type Fit, type Prediction } from './fit';
import { predictMeans } from './kernels/predictMeans';
import type { StoredMeans } from './storedMeans';
import type { ChannelSums } from './weights/channelSums';

/** A hypothesis about one convolution and one BatchNorm, with how well it fits. */
export interface Reading {
  readonly feed: Feed;
  readonly gain: number;
  readonly fit: Fit;
  /** The prediction itself where it does not follow from the feed; null where `predict` gives it again. */
  readonly prediction: Prediction | null;
}

/** The number of groups with which a convolution takes `channels` inputs, or null when it cannot. */
export function groupsFor(sums: ChannelSums, channels: number): number | null {
  const groups = channels / sums.inputs;
  return Number.isInteger(groups) && groups >= 1 && sums.outChannels % groups === 0 ? groups : null;
}

/** What the convolution's output averages to when fed with `feed`; null when their channels do not fit. */
export function predict(sums: ChannelSums, feed: Feed): Prediction | null {
  const groups = groupsFor(sums, feed.mean.length);
  if (groups === null) return null;
  const channelsPerGroup = sums.outChannels / groups;
  const means = sums.planes.map((plane) =>
    predictMeans(plane, sums.rows, sums.inputs, channelsPerGroup, feed.mean),
  );
  const [base = new Float64Array(sums.rows.length), ...columns] = means;
  return { base, columns, limits: sums.plan.limits };
}

/** The prediction of a reading, worked out again where it was not kept. */
export function predictionOf(sums: ChannelSums, reading: Reading): Prediction {
  const made = reading.prediction ?? predict(sums, reading.feed);
  return made ?? { base: new Float64Array(sums.rows.length), columns: [], limits: [] };
}

/** Every reading of the stored means by these feeds, at each gain the convolution may have. */
export function readAll(sums: ChannelSums, stored: StoredMeans, feeds: readonly Feed[]): Reading[] {
  return feeds.flatMap((feed) => {
    const prediction = predict(sums, feed);
    if (prediction === null) return [];
    return sums.gains.map((gain) => ({
      feed,
      gain,
      fit: fitPrediction(stored, prediction, gain),
      // Hundreds of readings are kept; their predictions would fill the memory.
      prediction: null,
    }));
  });
}

/** The reading that explains most, or null for none. */
export function bestReading(readings: readonly Reading[]): Reading | null {
  return readings.reduce<Reading | null>(
    (best, reading) => (best === null || reading.fit.share > best.fit.share ? reading : best),
    null,
  );
}
