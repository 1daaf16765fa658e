import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareTensors } from '../../../../src/core/drift/metrics';

const compare = (reference: number[], candidate: number[], dtype: 'f32' | 'f64' = 'f32') =>
  compareTensors(Float64Array.from(reference), Float64Array.from(candidate), dtype);

describe('compareTensors', () => {
  it('says identical where no element differs, infinities and NaN included', () => {
    const metrics = compare([1, -2, Infinity, NaN], [1, -2, Infinity, NaN]);
    assert.equal(metrics.sqnrDb, 'identical');
    assert.deepEqual([metrics.maxAbs, metrics.relL2, metrics.cosine, metrics.maxUlp], [0, 0, 1, 0]);
  });

  it('gives the textbook figures of a small difference', () => {
    const metrics = compare([3, 4], [3, 4.5]);
    assert.equal(metrics.maxAbs, 0.5);
    assert.equal(metrics.meanAbs, 0.25);
    assert.equal(metrics.rms, Math.sqrt(0.125));
    assert.equal(metrics.relL2, 0.1);
    assert.equal(metrics.sqnrDb, 20);
    // Steps of float32 between 4 and 8 are 2^-21.
    assert.equal(metrics.maxUlp, 0.5 * 2 ** 21);
  });

  it('counts steps exactly at powers of two and below the normal range', () => {
    assert.equal(compare([1], [1 + 2 ** -23]).maxUlp, 1);
    assert.equal(compare([1 - 2 ** -24], [1]).maxUlp, 1);
    assert.equal(compare([0], [2 ** -149]).maxUlp, 1);
    assert.equal(compare([0], [2 ** -1074], 'f64').maxUlp, 1);
  });

  it('is infinitely far off where one side alone is not finite', () => {
    const metrics = compare([1, 2], [1, NaN]);
    assert.equal(metrics.sqnrDb, -Infinity);
    assert.equal(metrics.maxAbs, Infinity);
  });

  it('has cosine 0 between zero and something', () => {
    assert.equal(compare([0, 0], [1, 0]).cosine, 0);
  });
});
