import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bringInto,
  isWhole,
  panSpan,
  spanBetween,
  wholeSpan,
  zoomSpan,
} from '../../../../../media/shared/chart/span';

const COUNT = 1000;

test('zooming in keeps the item under the pointer where it is', () => {
  const span = zoomSpan(wholeSpan(COUNT), 0.5, 250, COUNT);
  assert.deepEqual(span, { from: 125, to: 625 });
  assert.equal((250 - span.from) / (span.to - span.from), 0.25);
});

test('zooming out ends with everything', () => {
  assert.ok(isWhole(zoomSpan({ from: 400, to: 600 }, 100, 500, COUNT), COUNT));
});

test('zooming in ends at a few items, and at all of a few', () => {
  const narrow = zoomSpan({ from: 10, to: 20 }, 1e-6, 15, COUNT);
  assert.equal(narrow.to - narrow.from, 4);
  assert.deepEqual(zoomSpan(wholeSpan(3), 1e-6, 1, 3), { from: 0, to: 3 });
});

test('moving stops at the ends and keeps the width', () => {
  assert.deepEqual(panSpan({ from: 10, to: 20 }, -50, COUNT), { from: 0, to: 10 });
  assert.deepEqual(panSpan({ from: 980, to: 990 }, 50, COUNT), { from: 990, to: 1000 });
});

test('an item outside is brought to the middle, one inside moves nothing', () => {
  const span = { from: 100, to: 200 };
  assert.equal(bringInto(span, 150, COUNT), span);
  assert.deepEqual(bringInto(span, 500, COUNT), { from: 450.5, to: 550.5 });
});

test('a span drawn from right to left is the same as from left to right', () => {
  assert.deepEqual(spanBetween(80, 20, COUNT), { from: 20, to: 80 });
  assert.deepEqual(spanBetween(50, 50, COUNT), { from: 48, to: 52 });
});
