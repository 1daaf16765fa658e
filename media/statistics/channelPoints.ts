import type { PictureCandidate, StatisticsPicture } from '../../src/protocol/statistics';
import type { SortOrder } from '../shared/table/sortOrder';

/** One channel of a picture: where a candidate predicts its mean, and where it is. */
export interface ChannelPoint {
  /** The channel as text, for tables. */
  readonly id: string;
  readonly channel: number;
  /** Null where the candidate predicts nothing. */
  readonly predicted: number | null;
  readonly stored: number;
  /** Standard deviation of the channel; 0 for a dead one. */
  readonly std: number;
  /** Stored minus predicted. */
  readonly difference: number | null;
  /** Size of the difference in standard deviations; null for a dead channel. */
  readonly deviations: number | null;
}

/** How far from the line a channel is. */
export type Closeness = 'near' | 'far';

/** Standard deviations within which a channel is near at most; a proof allows as much on average. */
const MAX_NEAR = 0.25;
/** Where the means hardly differ among themselves, being near says something only within this share of their spread. */
const NEAR_SHARE = 0.5;

/** The channels of a picture as a candidate explains them, ascending; without a candidate nothing is predicted. */
export function channelPoints(
  { channels, stored, std }: StatisticsPicture,
  candidate: PictureCandidate | undefined,
): readonly ChannelPoint[] {
  return channels.map((channel, idx) => {
    const [value, deviation] = [stored[idx] ?? 0, std[idx] ?? 0];
    const predicted = candidate?.predicted[idx] ?? null;
    const difference = predicted === null ? null : value - predicted;
    return {
      id: String(channel),
      channel,
      predicted,
      stored: value,
      std: deviation,
      difference,
      deviations: difference === null || !(deviation > 0) ? null : Math.abs(difference) / deviation,
    };
  });
}

/** Standard deviations from the line within which a channel of this picture is near; the same for all candidates. */
export function nearDistance({ stored, std }: StatisticsPicture): number {
  const means = stored.flatMap((value, idx) => {
    const deviation = std[idx] ?? 0;
    return deviation > 0 ? [value / deviation] : [];
  });
  const center = means.reduce((sum, mean) => sum + mean, 0) / Math.max(means.length, 1);
  const squares = means.reduce((sum, mean) => sum + (mean - center) ** 2, 0);
  return Math.min(MAX_NEAR, NEAR_SHARE * Math.sqrt(squares / Math.max(means.length, 1)));
}

/** Null where it cannot be told. `near` is the picture's `nearDistance`. */
export function closenessOf({ deviations }: ChannelPoint, near: number): Closeness | null {
  if (deviations === null) return null;
  return deviations <= near ? 'near' : 'far';
}

/** How many channels are near, and how many far. */
export function closenessCounts(
  points: readonly ChannelPoint[],
  near: number,
): Readonly<Record<Closeness, number>> {
  const counts = { near: 0, far: 0 };
  for (const point of points) {
    const closeness = closenessOf(point, near);
    if (closeness !== null) counts[closeness]++;
  }
  return counts;
}

export const columnKeys = ['channel', 'predicted', 'stored', 'difference', 'deviations'] as const;
export type ColumnKey = (typeof columnKeys)[number];

/** Points in the order asked for; those without a figure stay last either way. */
export function sortedPoints(
  points: readonly ChannelPoint[],
  order: SortOrder | null,
): readonly ChannelPoint[] {
  const key = columnKeys.find((candidate) => candidate === order?.column);
  if (key === undefined || order === null) return points;
  const direction = order.isDescending ? -1 : 1;
  return points.toSorted((a, b) => {
    const [one, other] = [a[key], b[key]];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return direction * (one - other) || a.channel - b.channel;
  });
}
