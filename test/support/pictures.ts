import type { PictureCandidate, StatisticsPicture } from '../../src/protocol/statistics';

/** A candidate that predicts what is given; by default the pair as it was found. */
export function candidate(
  predicted: readonly (number | null)[],
  patch: Partial<PictureCandidate> = {},
): PictureCandidate {
  return { kind: 'found', conv: 'conv2', fedBy: 'relu(bn1)', fit: 0.998, predicted, ...patch };
}

/** A picture of these means, each with a standard deviation of 1, and its candidates. */
export function picture(
  stored: readonly number[],
  candidates: readonly PictureCandidate[],
  patch: Partial<StatisticsPicture> = {},
): StatisticsPicture {
  return {
    id: 'conv2',
    bn: 'bn2',
    channels: stored.map((_, idx) => idx),
    stored,
    std: stored.map(() => 1),
    candidates,
    ...patch,
  };
}
