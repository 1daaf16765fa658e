import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reason, type ReasonCode } from '../../../src/core/model/reason';
import type { PairReport } from '../../../src/protocol/reports';
import { shownReport } from '../../../src/server/wording/shownReport';
import { inspectReport, pairReport } from '../../support/reports';

function shownCodes(verdict: PairReport['verdict'], ...codes: ReasonCode[]): ReasonCode[] {
  const reasons = codes.map((code) => reason(code, 'a', 'b', 'c'));
  const [pair] = shownReport(inspectReport([pairReport({ id: 'mix', verdict, reasons })])).pairs;
  return pair?.reasons.map(({ code }) => code) ?? [];
}

test('what blocks a pair comes first, causes before doubts, remarks last', () => {
  assert.deepEqual(
    shownCodes('blocked', 'EPS_ASSUMED', 'PAIR_UNPROVED', 'DEAD_CHANNELS', 'ACTIVATION_BETWEEN'),
    ['ACTIVATION_BETWEEN', 'PAIR_UNPROVED', 'EPS_ASSUMED', 'DEAD_CHANNELS'],
  );
});

test('of a skipped pair the choice comes first', () => {
  assert.deepEqual(shownCodes('skipped', 'EPS_ASSUMED', 'POLICY_BEVFUSION'), [
    'POLICY_BEVFUSION',
    'EPS_ASSUMED',
  ]);
});
