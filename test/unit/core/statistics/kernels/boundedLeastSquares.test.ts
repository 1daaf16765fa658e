import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedLeastSquares } from '../../../../../src/core/statistics/kernels/boundedLeastSquares';

const columns = [Float64Array.of(1, 0, 1, 2), Float64Array.of(0, 1, 1, -1)];

/** −(a · first + b · second), so that the best coefficients are a and b. */
function target(a: number, b: number): Float64Array {
  return Float64Array.from(columns[0]!, (value, row) => -(a * value + b * columns[1]![row]!));
}

test('finds coefficients within their limits', () => {
  const x = boundedLeastSquares(target(0.25, 0.75), columns, [1, 1]);
  assert.ok(Math.abs(x[0]! - 0.25) < 1e-6 && Math.abs(x[1]! - 0.75) < 1e-6, String(x));
});

test('stops at the limits, and does the best the other coefficient can', () => {
  const x = boundedLeastSquares(target(3, -2), columns, [1, 1]);
  assert.equal(x[0], 1);
  assert.equal(x[1], 0);
});

test('lets signed coefficients go below zero', () => {
  const x = boundedLeastSquares(target(3, -2), columns, [Infinity, Infinity], true);
  assert.ok(Math.abs(x[0]! - 3) < 1e-6 && Math.abs(x[1]! + 2) < 1e-6, String(x));
});

test('leaves a column of zeros alone', () => {
  const zero = new Float64Array(4);
  assert.deepEqual(Array.from(boundedLeastSquares(target(1, 1), [zero], [1])), [0]);
});
