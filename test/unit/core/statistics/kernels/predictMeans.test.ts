import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictMeans } from '../../../../../src/core/statistics/kernels/predictMeans';

/** Two groups of three inputs, two output channels each, of which channel 1 was left out. */
const plane = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
const whole = { plane, rows: Int32Array.of(0, 2, 3), inputs: 3, channelsPerGroup: 2 };

/** The k-th of several expectations of six channels. */
function expectation(k: number): Float64Array {
  return Float64Array.of(1, 0, k, 10, 0, -k);
}

test('gives each of any number of expectations what it gives one alone', () => {
  for (const count of [1, 2, 3, 4, 5, 9]) {
    const all = Array.from({ length: count }, (_, k) => expectation(k));
    const found = predictMeans({ ...whole, from: 0, count: 3 }, all);
    assert.equal(found.length, count);
    found.forEach((means, k) => {
      assert.deepEqual(Array.from(means), [1 + 3 * k, 40 - 6 * k, 70 - 9 * k]);
    });
  }
});

test('sums over some of the inputs only', () => {
  const parts = [Float64Array.of(1, 10), Float64Array.of(2, 20)];
  const slice = { ...whole, channelsPerGroup: 4, from: 1, count: 2 };
  assert.deepEqual(
    predictMeans(slice, parts).map((means) => Array.from(means)),
    [
      [32, 65, 98],
      [64, 130, 196],
    ],
  );
});
