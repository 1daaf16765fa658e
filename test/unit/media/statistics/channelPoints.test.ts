import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  channelPoints,
  closenessCounts,
  closenessOf,
  nearDistance,
  sortedPoints,
} from '../../../../media/statistics/channelPoints';
import { candidate, picture } from '../../../support/pictures';

test('a difference is stored minus predicted, and counts in standard deviations of its channel', () => {
  const shown = picture([1, -2], [candidate([0.5, -1])], { std: [0.25, 4], channels: [3, 8] });
  const [first, second] = channelPoints(shown, shown.candidates[0]);
  assert.deepEqual(
    [first, second].map((point) => [point?.channel, point?.difference, point?.deviations]),
    [
      [3, 0.5, 2],
      [8, -1, 0.25],
    ],
  );
});

test('without a prediction there is no difference, and of a dead channel no distance', () => {
  const shown = picture([1, 2], [candidate([null, 1])], { std: [1, 0] });
  const [unknown, dead] = channelPoints(shown, shown.candidates[0]);
  assert.deepEqual([unknown?.difference, unknown?.deviations], [null, null]);
  assert.deepEqual([dead?.difference, dead?.deviations], [1, null]);
  assert.ok(dead && closenessOf(dead, 1) === null);
  assert.equal(channelPoints(shown, undefined)[1]?.predicted, null);
});

test('near is a quarter of a standard deviation, and less where the means hardly differ', () => {
  assert.equal(nearDistance(picture([-2, 0, 2], [])), 0.25);
  // Half of what they spread: ±0.1.
  assert.ok(Math.abs(nearDistance(picture([0.4, 0.6], [])) - 0.05) < 1e-12);
  assert.equal(nearDistance(picture([], [])), 0);
});

test('channels are counted as near or far; dead ones as neither', () => {
  const shown = picture([0, 1, 2, 3], [candidate([0, 1.2, 4, 3])], { std: [1, 1, 1, 0] });
  const points = channelPoints(shown, shown.candidates[0]);
  assert.deepEqual(closenessCounts(points, 0.25), { near: 2, far: 1 });
});

test('points are sorted by any column, those without a figure last either way', () => {
  const shown = picture([5, 1, 3], [candidate([5.5, null, 1])]);
  const points = channelPoints(shown, shown.candidates[0]);
  const order = (column: string, isDescending: boolean): number[] =>
    sortedPoints(points, { column, isDescending }).map(({ channel }) => channel);
  assert.deepEqual(order('stored', false), [1, 2, 0]);
  assert.deepEqual(order('stored', true), [0, 2, 1]);
  assert.deepEqual(order('deviations', false), [0, 2, 1]);
  assert.deepEqual(order('deviations', true), [2, 0, 1]);
  assert.equal(sortedPoints(points, null), points);
  assert.equal(sortedPoints(points, { column: 'no such', isDescending: true }), points);
});
