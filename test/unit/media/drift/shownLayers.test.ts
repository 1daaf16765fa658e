import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownLayers, worstError } from '../../../../media/drift/shownLayers';
import { initialView } from '../../../../media/drift/viewState';
import { driftLayer, metrics } from '../../../support/driftReports';

const layers = [
  driftLayer('conv10', { isolated: metrics('identical') }),
  driftLayer('conv9', { isolated: metrics(25), label: 'bad' }),
  driftLayer('head', { isolated: null, label: null, explanation: null, candidate: null }),
  driftLayer('neck', { isolated: metrics('not finite', 'not finite'), label: 'bad' }),
  driftLayer('stem', { isolated: metrics(146), label: 'warn', candidate: '/stem/Conv' }),
];

function ids(view: Partial<typeof initialView>): string[] {
  return shownLayers(layers, { ...initialView, ...view }).map(({ id }) => id);
}

test('without sorting, layers come in the order of the model', () => {
  assert.deepEqual(ids({}), ['conv10', 'conv9', 'head', 'neck', 'stem']);
});

test('identical is the best and not finite the worst, and layers without figures stay last', () => {
  const column = 'isolated';
  const ascending = ids({ sort: { column, isDescending: false } });
  const descending = ids({ sort: { column, isDescending: true } });
  assert.deepEqual(ascending, ['neck', 'conv9', 'stem', 'conv10', 'head']);
  assert.deepEqual(descending, ['conv10', 'stem', 'conv9', 'neck', 'head']);
});

test('names sort as people count', () => {
  const sorted = ids({ sort: { column: 'layer', isDescending: false } });
  assert.deepEqual(sorted, ['conv9', 'conv10', 'head', 'neck', 'stem']);
});

test('labels sort by how bad they are, equal ones in the order of the model', () => {
  const sorted = ids({ sort: { column: 'label', isDescending: true } });
  assert.deepEqual(sorted, ['conv9', 'neck', 'stem', 'conv10', 'head']);
});

test('a column that is no longer there sorts nothing', () => {
  const sorted = ids({ sort: { column: 'gone', isDescending: true } });
  assert.deepEqual(sorted, ['conv10', 'conv9', 'head', 'neck', 'stem']);
});

test('every word must be found, in a name of either file, in any case', () => {
  assert.deepEqual(ids({ filter: 'CONV 9' }), ['conv9']);
  assert.deepEqual(ids({ filter: '/stem/' }), ['stem']);
  assert.deepEqual(ids({ filter: '<b>' }), []);
});

test('a label filter and a text filter both hold', () => {
  assert.deepEqual(ids({ label: 'bad' }), ['conv9', 'neck']);
  assert.deepEqual(ids({ label: 'bad', filter: 'n e' }), ['neck']);
});

test('the worse of both errors counts', () => {
  const both = driftLayer('a', { isolated: metrics(150, 1e-7), accumulated: metrics(130, 2e-5) });
  assert.equal(worstError(both), 2e-5);
  assert.equal(worstError(driftLayer('b', { isolated: metrics(1, 'not finite') })), Infinity);
  assert.equal(worstError(driftLayer('c', { isolated: null })), null);
});
