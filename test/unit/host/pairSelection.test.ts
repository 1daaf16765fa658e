import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PairSelection } from '../../../src/host/pairSelection';
import { inspectReport, pairReport } from '../../support/reports';

const report = inspectReport([
  pairReport({ id: 'a' }),
  pairReport({ id: 'b' }),
  pairReport({ id: 'c', verdict: 'skipped' }),
]);

test('without a choice of the user, the policy decides', () => {
  assert.equal(PairSelection.none.chosenIds(report), null);
});

test('a choice that is taken back counts as none', () => {
  const selection = PairSelection.none.with(['a'], false).with(['a'], true);
  assert.equal(selection.chosenIds(report), null);
});

test('pairs can be left out and taken in', () => {
  const selection = PairSelection.none.with(['a'], false).with(['c'], true);
  assert.deepEqual(selection.chosenIds(report), ['b', 'c']);
});

test('a choice does not change the selection it was made on', () => {
  const first = PairSelection.none.with(['a'], false);
  first.with(['b'], false);
  assert.deepEqual(first.chosenIds(report), ['b']);
});
