import type { ChannelPoint } from './channelPoints';

/** What the points of a candidate look like: on the line, along it, or anywhere. */
export type LineShape = 'line' | 'loose' | 'cloud';

/** A proof explains as much of the variation; see docs/statistics.md. */
const LINE_SHARE = 0.75;
/** Below this the eye sees no line: the means vary nearly as much about it as among themselves. */
const LOOSE_SHARE = 0.3;

/** The shape of the points; null when fewer than three channels can be compared. */
export function lineShape(points: readonly ChannelPoint[]): LineShape | null {
  const share = explainedShare(points);
  if (share === null) return null;
  if (share >= LINE_SHARE) return 'line';
  return share >= LOOSE_SHARE ? 'loose' : 'cloud';
}

/**
 * 1 − Σ (stored − predicted)² / Σ (stored − mean)², in standard deviations of each channel: the share of the means'
 * variation that is on the line, with its slope of 1 and no offset. Null when it is not defined.
 */
export function explainedShare(points: readonly ChannelPoint[]): number | null {
  const told = points.flatMap(({ stored, std, deviations }) =>
    deviations === null ? [] : [{ value: stored / std, deviations }],
  );
  if (told.length < 3) return null;
  const center = told.reduce((sum, { value }) => sum + value, 0) / told.length;
  const spread = told.reduce((sum, { value }) => sum + (value - center) ** 2, 0);
  const error = told.reduce((sum, { deviations }) => sum + deviations ** 2, 0);
  return spread > 0 ? 1 - error / spread : null;
}
