import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  overviewRows,
  shownRows,
  tellingColumns,
  type OverviewRow,
} from '../../../../media/overview/overviewRows';
import { initialView } from '../../../../media/overview/viewState';
import { overviewContent } from '../../../../src/host/overview/overviewContent';
import type { OverviewReport } from '../../../../src/protocol/overviewView';
import type { PairReport } from '../../../../src/protocol/reports';
import { reason } from '../../../../src/core/model/reason';
import { findingSentence } from '../../../../src/core/model/findingSentence';
import { inspectReport, pairReport } from '../../../support/reports';

const pairs = [
  pairReport({ id: 'conv10', bn: { eps: 1e-3 } }),
  pairReport({
    id: 'conv9',
    verdict: 'blocked',
    reasons: [reason('CONV_OUTPUT_REUSED', 'Add_12')],
    statistics: {
      ...findingSentence('NEVER_TRAINED'),
      says: 'contradicts',
      fit: null,
      from: null,
      activation: null,
      negativeMeans: 0,
    },
  }),
  pairReport({
    id: 'up',
    verdict: 'skipped',
    evidence: 'names',
    statistics: {
      ...findingSentence('NEVER_TRAINED'),
      says: 'confirms',
      fit: 0.99,
      from: 'stem.bn',
      activation: 'relu',
      negativeMeans: 0.4,
    },
  }),
];

function report(given: readonly PairReport[] = pairs): OverviewReport {
  const unpaired = [{ bn: 'alone', reasons: [reason('NO_CONVOLUTION_BEFORE', 'Add_3')] }];
  const state = { kind: 'ready', report: inspectReport(given, { unpaired }) } as const;
  const content = overviewContent('net', { ...state, isTesting: false, locked: ['conv9'] });
  assert.equal(content.state.kind, 'ready');
  return content.state.report;
}

function names(rows: readonly OverviewRow[]): string[] {
  return rows.map(({ pair, bn }) => pair?.id ?? bn);
}

const rows = overviewRows(report());
const sorted = (column: string, isDescending = false): string[] =>
  names(shownRows(rows, { ...initialView, sort: { column, isDescending } }));

test('rows are the pairs in the file’s order, then the BatchNorms without one', () => {
  assert.deepEqual(names(rows), ['conv10', 'conv9', 'up', 'alone']);
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    ['fusable', 'blocked', 'skipped', 'unpaired'],
  );
  assert.deepEqual(
    rows.map(({ pair }) => pair?.isChoosable),
    [true, false, true, undefined],
  );
});

test('names are sorted by the numbers in them', () => {
  assert.deepEqual(sorted('conv'), ['conv9', 'conv10', 'up', 'alone']);
});

test('rows without a value come last in both directions', () => {
  assert.deepEqual(sorted('eps'), ['conv9', 'up', 'conv10', 'alone']);
  assert.deepEqual(sorted('eps', true), ['conv10', 'conv9', 'up', 'alone']);
  assert.deepEqual(sorted('statistics'), ['up', 'conv9', 'conv10', 'alone']);
});

test('verdicts are sorted from fusable to unpaired', () => {
  assert.deepEqual(sorted('verdict'), ['conv10', 'up', 'conv9', 'alone']);
});

test('every word of the filter must be somewhere in the row', () => {
  const filtered = (filter: string): string[] => names(shownRows(rows, { ...initialView, filter }));
  assert.deepEqual(filtered('conv'), ['conv10', 'conv9', 'up', 'alone']);
  assert.deepEqual(filtered('add_12'), ['conv9']);
  assert.deepEqual(filtered('RELU stem'), ['up']);
  assert.deepEqual(filtered('conv10 add'), []);
});

test('one kind can be shown alone', () => {
  assert.deepEqual(names(shownRows(rows, { ...initialView, kind: 'unpaired' })), ['alone']);
});

test('a column that says the same of every pair is left out', () => {
  assert.ok(tellingColumns(report()).includes('evidence'));
  const [plain] = pairs;
  assert.ok(plain !== undefined);
  const columns = tellingColumns(report([plain]));
  assert.ok(!columns.includes('evidence'));
  assert.ok(!columns.includes('statistics'));
});

test('four thousand pairs are filtered and sorted at once', () => {
  const many = Array.from({ length: 4000 }, (_, idx) => pairReport({ id: `layer${idx}.conv` }));
  const all = overviewRows(report(many));
  const start = performance.now();
  const view = {
    ...initialView,
    filter: 'layer conv',
    sort: { column: 'conv', isDescending: true },
  };
  assert.equal(names(shownRows(all, view))[0], 'layer3999.conv');
  // A few milliseconds; a second would be a mistake of another order.
  assert.ok(performance.now() - start < 1000);
});
