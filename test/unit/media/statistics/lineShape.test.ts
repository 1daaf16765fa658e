import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelPoints } from '../../../../media/statistics/channelPoints';
import { explainedShare, lineShape, type LineShape } from '../../../../media/statistics/lineShape';
import { candidate, picture } from '../../../support/pictures';

const stored = [-2, -1, 0, 1, 2, 3];

function shapeOf(predicted: readonly (number | null)[]): LineShape | null {
  const shown = picture(stored, [candidate(predicted)]);
  return lineShape(channelPoints(shown, shown.candidates[0]));
}

test('means that are predicted are a line', () => {
  assert.equal(shapeOf(stored), 'line');
  assert.equal(shapeOf(stored.map((mean, idx) => mean + (idx % 2 === 0 ? 0.3 : -0.3))), 'line');
});

test('a slope or an offset of its own is no line, however well the means correlate', () => {
  assert.equal(shapeOf(stored.map((mean) => mean * 0.3)), 'loose');
  assert.equal(shapeOf(stored.map((mean) => mean + 4)), 'cloud');
  assert.equal(shapeOf(stored.map((mean) => -mean)), 'cloud');
});

test('predicting the same for all explains nothing', () => {
  const shown = picture(stored, [candidate(stored.map(() => 0.5))]);
  assert.equal(explainedShare(channelPoints(shown, shown.candidates[0])), 0);
});

test('fewer than three channels have no shape, nor have means that are all alike', () => {
  assert.equal(shapeOf([-2, -1, null, null, null, null]), null);
  const alike = picture([1, 1, 1], [candidate([1, 1, 1])]);
  assert.equal(lineShape(channelPoints(alike, alike.candidates[0])), null);
});
