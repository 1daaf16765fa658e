import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decadeTicks,
  linearScale,
  linearTicks,
  logScale,
  tickTexts,
} from '../../../../../media/shared/chart/scale';

test('a linear scale maps the ends of the domain to the ends of the range, whichever is up', () => {
  const scale = linearScale([0, 160], [300, 20]);
  assert.deepEqual([scale(0), scale(80), scale(160)], [300, 160, 20]);
});

test('a domain of one value does not divide by zero', () => {
  assert.equal(linearScale([5, 5], [0, 100])(5), 0);
});

test('a log scale gives every decade the same room', () => {
  const scale = logScale([1e-6, 1], [0, 600]);
  assert.deepEqual([1e-6, 1e-3, 1].map(scale).map(Math.round), [0, 300, 600]);
});

test('ticks are round numbers inside the domain, the ends included', () => {
  assert.deepEqual(linearTicks(60, 180, 6), [60, 80, 100, 120, 140, 160, 180]);
  assert.deepEqual(linearTicks(0.5, 9.5, 3), [5]);
  assert.deepEqual(linearTicks(1, 1000, 5), [200, 400, 600, 800, 1000]);
});

test('decades are thinned evenly when there is room for a few only', () => {
  assert.deepEqual(decadeTicks(1e-9, 1, 10).length, 10);
  assert.deepEqual(
    decadeTicks(1e-9, 1, 4).map((tick) => Math.round(Math.log10(tick))),
    [-9, -6, -3, 0],
  );
});

test('ticks have as many digits as tell them apart', () => {
  assert.deepEqual(tickTexts([0, 0.2, 0.4]), ['0.0', '0.2', '0.4']);
  assert.deepEqual(tickTexts([-20, 0, 20]), ['−20', '0', '20']);
  assert.deepEqual(tickTexts([100.02, 100.04]), ['100.02', '100.04']);
  assert.deepEqual(tickTexts([-2e-7, 0, 2e-7]), ['−2e−7', '0', '2e−7']);
  assert.deepEqual(tickTexts([1.2e8, 1.25e8]), ['1.20e8', '1.25e8']);
  assert.deepEqual(tickTexts([5]), ['5']);
});
