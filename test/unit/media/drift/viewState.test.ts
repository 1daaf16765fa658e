import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeViewState, initialView } from '../../../../media/drift/viewState';

test('a view comes back as it was kept', () => {
  const view = {
    metric: 'maxAbs',
    hiddenSeries: 'isolated',
    filter: 'stem',
    label: 'bad',
    sort: { column: 'layer', isDescending: true },
    span: { from: 3, to: 40 },
    selected: 'stem.0',
  };
  assert.deepEqual(decodeViewState(JSON.parse(JSON.stringify(view))), view);
});

test('anything else counts as a view nobody has touched', () => {
  for (const value of [undefined, null, 7, 'view', []]) {
    assert.deepEqual(decodeViewState(value), initialView);
  }
  const strange = { metric: 'x', sort: { column: 1 }, span: { from: 'a' }, filter: 3, label: 'y' };
  assert.deepEqual(decodeViewState(strange), initialView);
});
