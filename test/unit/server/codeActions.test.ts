import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingSentence } from '../../../src/core/model/findingSentence';
import type { StatisticsFinding } from '../../../src/core/model/pair';
import { codeActions } from '../../../src/server/features/codeActions';
import type { ListingView } from '../../../src/server/listingView';
import { inspectReport, pairReport } from '../../support/reports';
import { everyVerdict } from './listingFixture';

const statistics: StatisticsFinding = {
  says: 'contradicts',
  fit: 0.1,
  from: null,
  activation: null,
  negativeMeans: 0,
  ...findingSentence('FOLLOWS', 8, '0.990'),
};

function actionsAt(line: number, patch: Partial<ListingView> = {}): ReturnType<typeof codeActions> {
  const report = inspectReport([
    pairReport({ id: 'stem' }),
    pairReport({ id: 'mix', verdict: 'blocked', statistics }),
  ]);
  const position = { line, character: 0 };
  return codeActions({ ...everyVerdict(), report, ...patch }, { start: position, end: position });
}

test('a problem of a pair with statistics offers their picture, on either of its layers', () => {
  for (const line of [14, 15]) {
    const [action, ...more] = actionsAt(line);
    assert.deepEqual(more, []);
    assert.equal(action?.kind, 'quickfix');
    assert.deepEqual(action.command?.arguments, ['/models/net.onnx', 'mix']);
    assert.equal(action.command.command, 'fusebn.showStatistics');
  }
});

test('there is nothing to offer without statistics, without a layer, or without a file', () => {
  assert.deepEqual(actionsAt(10), []);
  assert.deepEqual(actionsAt(3), []);
  assert.deepEqual(actionsAt(14, { modelPath: null }), []);
});
