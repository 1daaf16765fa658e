import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activations,
  identity,
  rectifier,
  type Activation,
} from '../../../../../src/core/statistics/mathematics/activations';
import { gaussRule } from '../../../../../src/core/statistics/mathematics/gaussHermite';
import { normalDistribution } from '../../../../../src/core/statistics/mathematics/normal';

/** Moments by the trapezoidal rule on a fine grid: slow, and independent of closed forms and quadrature. */
function integrated(activation: Activation, mean: number, std: number): [number, number] {
  let weight = 0;
  let first = 0;
  let second = 0;
  for (let z = -9; z <= 9; z += 1e-3) {
    const density = Math.exp(-0.5 * z * z);
    const value = activation.apply(mean + std * z, 0);
    weight += density;
    first += density * value;
    second += density * value * value;
  }
  return [first / weight, Math.sqrt(second / weight - (first / weight) ** 2)];
}

test('gives each activation’s mean and spread for normal inputs', () => {
  for (const activation of [identity, ...activations, rectifier('prelu', -0.3)]) {
    for (const [mean, std] of [
      [0.5, 1.2],
      [-1.5, 0.4],
      [0.2, 0.9],
      [4, 2],
    ] as const) {
      const expected = integrated(activation, mean, std);
      const found = activation.moments(mean, std, 0);
      // Quadrature meets hardswish's two kinks with 32 nodes only; running means are noisier than this by far.
      const tolerance = activation.name === 'hardswish' ? 5e-3 : 1e-5;
      const what = `${activation.name} of N(${mean}, ${std}²)`;
      assert.ok(Math.abs(found.mean - expected[0]) < tolerance, `${what}: mean`);
      assert.ok(Math.abs(found.std - expected[1]) < tolerance, `${what}: spread`);
      const alone = activation.expectation(mean, std, 0);
      assert.ok(Math.abs(alone - expected[0]) < 1e-5, `${what}: mean alone`);
    }
  }
});

test('takes a channel without spread as a constant', () => {
  const [relu] = activations;
  assert.deepEqual(relu!.moments(2, 0, 0), { mean: 2, std: 0 });
  assert.deepEqual(relu!.moments(-2, 0, 0), { mean: -0, std: 0 });
  for (const activation of [identity, ...activations, rectifier('prelu', -0.3)]) {
    for (const value of [-4, -1, 0.5, 5, 8]) {
      const miss = activation.expectation(value, 0, 0) - activation.apply(value, 0);
      assert.ok(Math.abs(miss) < 1e-6, `${activation.name} of ${value}`);
    }
  }
});

test('integrates polynomials of the standard normal exactly', () => {
  const moment = (power: number): number =>
    gaussRule.nodes.reduce((sum, node, idx) => sum + gaussRule.weights[idx]! * node ** power, 0);
  assert.equal(gaussRule.nodes.length, 32);
  for (const [power, expected] of [
    [0, 1],
    [1, 0],
    [2, 1],
    [4, 3],
    [6, 15],
    [8, 105],
  ] as const) {
    assert.ok(Math.abs(moment(power) - expected) < 1e-9 * (1 + expected), `moment ${power}`);
  }
});

test('knows the normal distribution, far into its tail', () => {
  // References: scipy.stats.norm.cdf.
  for (const [x, expected] of [
    [0, 0.5],
    [1.959963984540054, 0.975],
    [-3, 0.0013498980316300933],
    [-8, 6.22096057427174e-16],
    [-20, 2.7536241186061556e-89],
  ] as const) {
    assert.ok(Math.abs(normalDistribution(x) / expected - 1) < 1e-6, `Φ(${x})`);
  }
});
