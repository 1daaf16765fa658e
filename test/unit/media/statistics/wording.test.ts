import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelPoints } from '../../../../media/statistics/channelPoints';
import { candidateFit, figureText } from '../../../../media/statistics/wording';
import { candidate, picture } from '../../../support/pictures';

test('a fit is never rounded up to a perfect one, and has a true minus sign', () => {
  assert.equal(candidateFit(candidate([], { fit: 0.99999 })), '0.999');
  assert.equal(candidateFit(candidate([], { fit: -0.25 })), '−0.250');
  assert.equal(candidateFit(candidate([], { fit: null })), '–');
});

test('figures fit into a column', () => {
  const shown = picture([0.1, 12345.678], [candidate([-0.0001234, null])], { std: [1e-6, 1] });
  const [wild, unknown] = channelPoints(shown, shown.candidates[0]);
  assert.ok(wild && unknown);
  assert.equal(figureText(wild, 'predicted'), '−1.23e−4');
  assert.equal(figureText(wild, 'deviations'), '1.00e5');
  assert.equal(figureText(unknown, 'stored'), '12300');
  assert.equal(figureText(unknown, 'deviations'), '–');
});
