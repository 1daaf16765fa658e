import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptView, initialView } from '../../../../media/overview/viewState';
import { bytesText, commonEpsSource } from '../../../../media/overview/wording';
import { overviewContent } from '../../../../src/host/overview/overviewContent';
import type { EpsSource } from '../../../../src/core/model/layer';
import type { OverviewPair } from '../../../../src/protocol/overviewView';
import { inspectReport, pairReport } from '../../../support/reports';

test('sizes have as many digits as people read', () => {
  assert.deepEqual([0, 700, 5996, 425_214, 1_057_434_939].map(bytesText), [
    '0 B',
    '700 B',
    '5.9 KB',
    '415 KB',
    '1008 MB',
  ]);
});

test('an eps source is stated once when all pairs share it', () => {
  assert.equal(commonEpsSource(pairsWith('default', 'default')), 'default');
  assert.equal(commonEpsSource(pairsWith('default', 'user')), null);
  assert.equal(commonEpsSource([]), null);
});

test('a view that another version kept starts anew', () => {
  const view = { ...initialView, filter: 'conv', selected: 'conv1' };
  assert.deepEqual(keptView(view), view);
  for (const other of [null, 7, { filter: 'conv' }, { ...view, kind: 'odd' }]) {
    assert.equal(keptView(other), initialView);
  }
});

function pairsWith(...sources: readonly EpsSource[]): readonly OverviewPair[] {
  const pairs = sources.map((epsSource, idx) =>
    pairReport({ id: `conv${idx}`, bn: { epsSource } }),
  );
  const report = inspectReport(pairs);
  const { state } = overviewContent('net', { kind: 'ready', report, isTesting: false, locked: [] });
  assert.equal(state.kind, 'ready');
  return state.report.pairs;
}
