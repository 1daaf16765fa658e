import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticSeverity } from 'vscode-languageserver-types';
import { reason } from '../../../src/core/model/reason';
import { diagnostics } from '../../../src/server/features/diagnostics';
import { inspectReport, pairReport } from '../../support/reports';
import { everyVerdict } from './listingFixture';

test('a blocked pair is a warning at its convolution, and dead channels a remark at the BatchNorm', () => {
  const found = diagnostics(everyVerdict()).map(({ range, severity, code }) => ({
    line: range.start.line,
    severity,
    code,
  }));
  assert.deepEqual(found, [
    { line: 11, severity: DiagnosticSeverity.Information, code: 'DEAD_CHANNELS' },
    { line: 14, severity: DiagnosticSeverity.Warning, code: 'CONV_OUTPUT_REUSED' },
    { line: 15, severity: DiagnosticSeverity.Information, code: 'DEAD_CHANNELS' },
  ]);
});

test('remarks about a blocked pair that do not block it are left out', () => {
  const reasons = [reason('PAIR_UNPROVED', 'x'), reason('EPS_ASSUMED', '1e-5', '1e-3', '2')];
  const pair = pairReport({ id: 'mix', verdict: 'blocked', evidence: 'names', reasons });
  const view = { ...everyVerdict(), report: inspectReport([pair]) };
  assert.deepEqual(
    diagnostics(view).map(({ code }) => code),
    ['PAIR_UNPROVED'],
  );
});

test('a problem stands on its layer, or on the first line', () => {
  const problems = [
    { severity: 'error', message: 'odd', layer: 'up' },
    { severity: 'warning', message: 'old' },
  ] as const;
  const view = { ...everyVerdict(), report: inspectReport([], { problems }) };
  assert.deepEqual(
    diagnostics(view).map(({ range, severity }) => [range.start.line, severity]),
    [
      [12, DiagnosticSeverity.Error],
      [0, DiagnosticSeverity.Warning],
    ],
  );
});

test('the network after fusing has no problems of its own', () => {
  assert.deepEqual(diagnostics(everyVerdict({ variant: 'fused' })), []);
});
