import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowAfterKey, rowWindow, scrollToShow } from '../../../../../media/shared/table/rowWindow';

test('only rows near the screen are drawn, however many there are', () => {
  const window = rowWindow({ scrollTop: 26_000, height: 520 }, 26, 100_000);
  assert.deepEqual(window, { first: 992, end: 1028 });
});

test('the window ends where the rows end', () => {
  assert.deepEqual(rowWindow({ scrollTop: 0, height: 520 }, 26, 5), { first: 0, end: 5 });
  assert.deepEqual(rowWindow({ scrollTop: 9_999, height: 520 }, 26, 5), { first: 5, end: 5 });
});

test('a row is scrolled into view by no more than needed', () => {
  const viewport = { scrollTop: 260, height: 260 };
  assert.equal(scrollToShow(5, viewport, 26), 130);
  assert.equal(scrollToShow(12, viewport, 26), 260);
  assert.equal(scrollToShow(30, viewport, 26), 546);
});

test('arrows, pages and ends go where they say and no further', () => {
  const go = (key: string, row: number): number | null => rowAfterKey(key, row, 100, 10);
  assert.deepEqual(
    [go('ArrowDown', 5), go('ArrowUp', 5), go('PageDown', 95), go('Home', 50), go('End', 50)],
    [6, 4, 99, 0, 99],
  );
  assert.deepEqual([go('ArrowDown', -1), go('ArrowUp', -1), go('ArrowUp', 0)], [0, 99, 0]);
  assert.equal(go('x', 5), null);
  assert.equal(rowAfterKey('End', -1, 0, 10), null);
});
