import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  histogramBars,
  outputBars,
  rangeColumns,
} from '../../../../../media/drift/detail/detailLayout';

const box = { left: 0, top: 0, right: 100, bottom: 50 };

test('bars grow with the root of their count, and empty bins have none', () => {
  const bars = histogramBars({ edges: [-1, 0, 1, 2], counts: [1, 0, 4] }, box);
  assert.deepEqual(
    bars.map(({ height }) => height),
    [25, 50],
  );
});

test('channels come widest first, with where they were before', () => {
  const layout = rangeColumns([1, 1, 1], [0.1, 10, 1], box);
  assert.ok(layout);
  assert.deepEqual(
    layout.columns.map(({ channel }) => channel),
    [1, 2, 0],
  );
  const [widest, middle] = layout.columns;
  assert.equal(widest?.after.y, 0);
  assert.equal(middle?.after.y, middle?.beforeY);
  assert.equal(layout.median, 1);
});

test('a channel that folding removed stays at the bottom and spoils no scale', () => {
  const layout = rangeColumns([1, 1], [1, 0], box);
  assert.equal(layout?.columns[1]?.after.height, 0);
  assert.equal(rangeColumns([0, 0], [0, 0], box), null);
  const tiny = rangeColumns([1, 1], [1, 1e-30], box);
  assert.ok((tiny?.low ?? 0) > 1e-6);
});

test('promised ranges share an axis with zero on it', () => {
  const layout = outputBars([-1, 0], [1, 3], box);
  assert.deepEqual([layout?.low, layout?.high], [-1, 3]);
  assert.equal(layout?.zeroY, 37.5);
  assert.equal(outputBars([], [], box), null);
});
