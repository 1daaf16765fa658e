import type { Feed } from './feeds/feed';
import { fitPrediction, type Fit, type Prediction } from './fit';
import { predictMeans } from './kernels/predictMeans';
import { groupBy } from '../pairing/modules/groupBy';
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
  return predictEach(sums, [feed]).get(feed) ?? null;
}

/** The same for many feeds, at a fraction of the time that they take one by one. Those that do not fit are left out. */
export function predictEach(sums: ChannelSums, feeds: readonly Feed[]): Map<Feed, Prediction> {
  const predictions = new Map<Feed, Prediction>();
  for (const [width, alike] of groupBy(feeds, ({ mean }) => String(mean.length))) {
    const groups = groupsFor(sums, Number(width));
    if (groups === null) continue;
    const whole = { channelsPerGroup: sums.outChannels / groups, from: 0, count: sums.inputs };
    const means = alike.map(({ mean }) => mean);
    const byPlane = sums.planes.map((plane) =>
      predictMeans(
        { plane, rows: sums.rows, places: sums.places, inputs: sums.inputs, ...whole },
        means,
      ),
    );
    alike.forEach((feed, idx) => {
      predictions.set(
        feed,
        predictionOfPlanes(
          sums,
          byPlane.flatMap((plane) => plane[idx] ?? []),
        ),
      );
    });
  }
  return predictions;
}

/** One vector of means per plane of sums: the first is the base, the others belong to the unknowns. */
export function predictionOfPlanes(
  sums: ChannelSums,
  [base, ...columns]: readonly Float64Array[],
): Prediction {
  return { base: base ?? new Float64Array(sums.rows.length), columns, limits: sums.plan.limits };
}

/** The prediction of a reading, worked out again where it was not kept. */
export function predictionOf(sums: ChannelSums, reading: Reading): Prediction {
  const made = reading.prediction ?? predict(sums, reading.feed);
  return made ?? { base: new Float64Array(sums.rows.length), columns: [], limits: [] };
}

/** Every reading of the stored means by these feeds, at each gain the convolution may have. */
export function readAll(sums: ChannelSums, stored: StoredMeans, feeds: readonly Feed[]): Reading[] {
  const predictions = predictEach(sums, feeds);
  return feeds.flatMap((feed) => {
    const prediction = predictions.get(feed);
    if (prediction === undefined) return [];
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
