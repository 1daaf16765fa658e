import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictMeans } from '../../../../../src/core/statistics/kernels/predictMeans';

/** Two groups of three inputs, two output channels each, of which channel 1 was left out. */
const plane = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
const rows = Int32Array.of(0, 2, 3);
const whole = { plane, rows, places: Int32Array.of(0, 1, 2), inputs: 3, channelsPerGroup: 2 };

/** The k-th of several expectations of six channels. */
function expectation(k: number): Float64Array {
  return Float64Array.of(1, 0, k, 10, 0, -k);
}

test('gives each of any number of expectations what it gives one alone', () => {
  for (const count of [1, 2, 3, 7, 8, 9, 17]) {
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

test('takes rows from wherever they lie in the plane', () => {
  const some = { ...whole, rows: Int32Array.of(0, 3), places: Int32Array.of(0, 2) };
  const [means] = predictMeans({ ...some, from: 0, count: 3 }, [expectation(1)]);
  assert.deepEqual(means, Float64Array.of(4, 61));
});

test('agrees with plain sums on layers of any size, larger than its memory too', () => {
  let state = 1;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  for (const [channels, groups, inputs] of [
    [5, 1, 7],
    [64, 8, 3],
    [33, 1, 1],
    [300, 2, 5000],
  ] as const) {
    const rows = Int32Array.from({ length: channels }, (_, row) => row);
    const weights = Float32Array.from({ length: channels * inputs }, random);
    const means = Array.from({ length: 10 }, () =>
      Float64Array.from({ length: groups * inputs }, random),
    );
    const channelsPerGroup = channels / groups;
    const slice = {
      plane: weights,
      rows,
      places: rows,
      inputs,
      channelsPerGroup,
      from: 0,
      count: inputs,
    };
    for (const some of [means.slice(0, 1), means]) {
      predictMeans(slice, some).forEach((found, k) => {
        rows.forEach((row) => {
          let sum = 0;
          const start = Math.floor(row / channelsPerGroup) * inputs;
          for (let idx = 0; idx < inputs; idx++) {
            sum += (weights[row * inputs + idx] ?? NaN) * (some[k]?.[start + idx] ?? NaN);
          }
          // Only the order of the additions differs.
          assert.ok(Math.abs((found[row] ?? NaN) - sum) < 1e-12 * inputs);
        });
      });
    }
  }
});
