import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSortOrder, orderAfterClick } from '../../../../../media/shared/table/sortOrder';

test('clicks on a title sort up, then down, then not at all', () => {
  const up = orderAfterClick(null, 'fit');
  const down = orderAfterClick(up, 'fit');
  assert.deepEqual(up, { column: 'fit', isDescending: false });
  assert.deepEqual(down, { column: 'fit', isDescending: true });
  assert.equal(orderAfterClick(down, 'fit'), null);
  assert.deepEqual(orderAfterClick(down, 'name'), { column: 'name', isDescending: false });
});

test('an order from storage is checked', () => {
  assert.ok(isSortOrder({ column: 'fit', isDescending: false }));
  for (const value of [null, {}, { column: 'fit' }, { column: 1, isDescending: true }]) {
    assert.ok(!isSortOrder(value));
  }
});
