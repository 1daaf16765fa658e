import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  logFitProbability,
  logGamma,
} from '../../../../../src/core/statistics/mathematics/regressionTail';

/** References: scipy.stats.t.logsf(r·√(d/(1 − r²)), d) with d = count − 2, scipy 1.16. */
const oneRegressor = [
  { r: 0.5, count: 12, expected: Math.log(0.04892730712890625) },
  { r: 0.99, count: 102, expected: -199.06594957390314 },
  { r: 0.01, count: 52, expected: Math.log(0.47195364638386633) },
] as const;

test('is Student’s one-sided test for one regressor', () => {
  for (const { r, count, expected } of oneRegressor) {
    const found = logFitProbability(r, count, 1);
    assert.ok(Math.abs(found - expected) < 1e-9 * (1 + Math.abs(expected)), `r ${r}: ${found}`);
  }
});

test('makes unknowns pay: the same correlation is likelier by chance when more was fitted', () => {
  assert.ok(logFitProbability(0.9, 20, 4) > logFitProbability(0.9, 20, 1) + 3);
});

test('says nothing without degrees of freedom or with a correlation of the wrong sign', () => {
  assert.equal(logFitProbability(0.999, 3, 2), 0);
  assert.equal(logFitProbability(-0.9, 50, 1), 0);
  assert.equal(logFitProbability(NaN, 50, 1), 0);
});

test('stays finite for a perfect fit', () => {
  assert.ok(Number.isFinite(logFitProbability(1, 2048, 1)));
});

test('knows log Γ', () => {
  assert.ok(Math.abs(logGamma(5) - Math.log(24)) < 1e-12);
  assert.ok(Math.abs(logGamma(0.5) - Math.log(Math.sqrt(Math.PI))) < 1e-12);
});
