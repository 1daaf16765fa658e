import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pair } from '../../../../src/core/model/pair';
import { reason, type ReasonCode } from '../../../../src/core/model/reason';
import { blockIdle } from '../../../../src/core/statistics/blockIdle';
import { batchNorm, type ModuleSketch } from '../../../support/moduleNetwork';
import { pairsOf } from '../../../support/modulePairing';

/** Pairs conv0, conv1 … with the reasons of each. */
function pairsWith(...codes: readonly (readonly ReasonCode[])[]): Pair[] {
  const sketches = codes.flatMap((_, i): ModuleSketch[] => [
    [`conv${i}`, { weight: [8 + i, 4, 3, 3] }],
    [`bn${i}`, batchNorm(8 + i)],
  ]);
  return pairsOf(sketches).pairs.map((pair, i) => ({
    ...pair,
    reasons: (codes[i] ?? []).map((code) => reason(code)),
  }));
}

function verdicts(pairs: readonly Pair[]): string[] {
  return pairs.map(({ verdict, reasons }) =>
    [verdict, ...reasons.map(({ code }) => code)].join(' '),
  );
}

describe('a BatchNorm that never ran', () => {
  test('is blocked where others did, and told in numbers', () => {
    const judged = blockIdle(pairsWith([], ['UNTRAINED'], ['NEGATIVE_GAMMA']));
    assert.deepEqual(verdicts(judged), ['fusable', 'blocked NEVER_RAN', 'fusable NEGATIVE_GAMMA']);
    assert.match(judged[1]?.reasons[0]?.message ?? '', /while 2 of 3 in the file did/);
  });

  test('is noted where none did', () => {
    const fresh = pairsWith(['UNTRAINED'], ['UNTRAINED']);
    assert.deepEqual(verdicts(blockIdle(fresh)), ['fusable UNTRAINED', 'fusable UNTRAINED']);
    const unread = pairsWith(['UNTRAINED'], ['TENSOR_UNREADABLE']);
    assert.equal(blockIdle(unread)[0]?.verdict, 'fusable');
  });

  test('is noted where a graph shows that it runs', () => {
    const pairs = pairsWith([], ['UNTRAINED']).map((pair): Pair => ({
      ...pair,
      evidence: 'graph',
    }));
    assert.deepEqual(verdicts(blockIdle(pairs)), ['fusable', 'fusable UNTRAINED']);
  });
});
