import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RequestError } from '../../../../src/core/errors';
import { selectPairs } from '../../../../src/core/folding/selectPairs';
import type { Evidence, Pair, Pairing, Verdict } from '../../../../src/core/model/pair';
import { reason, type ReasonCode } from '../../../../src/core/model/reason';
import { graph, onlyPair } from '../../../support/graphPairs';

const template = onlyPair(graph().conv().batchNorm());

function pair(
  id: string,
  verdict: Verdict = 'fusable',
  codes: readonly ReasonCode[] = [],
  evidence: Evidence = 'names',
): Pair {
  return { ...template, id, verdict, evidence, reasons: codes.map((code) => reason(code)) };
}

function pairingOf(...pairs: readonly Pair[]): Pairing {
  return { pairs, unpaired: [], problems: [] };
}

const ids = (pairs: readonly Pair[]): string[] => pairs.map(({ id }) => id);

describe('which pairs are folded', () => {
  const mixed = pairingOf(
    pair('a'),
    pair('b', 'skipped', ['POLICY_BEVFUSION']),
    pair('c', 'blocked', ['PAIR_UNPROVED']),
    pair('d'),
  );

  test('every fusable one, when nothing is said', () => {
    const { folded, left } = selectPairs(mixed, { only: null, skip: [] });
    assert.deepEqual(
      [ids(folded), ids(left)],
      [
        ['a', 'd'],
        ['b', 'c'],
      ],
    );
  });

  test('a pair behind another BatchNorm only together with that one', () => {
    const chain = pairingOf(pair('a'), { ...pair('b'), foldsAfter: 'a' });
    const selected = (only: readonly string[] | null, skip: readonly string[]) => {
      const { folded, left } = selectPairs(chain, { only, skip });
      return [ids(folded), ...left.map(({ reasons }) => reasons.at(-1)?.code)];
    };
    assert.deepEqual(selected(null, []), [['a', 'b']]);
    assert.deepEqual(selected(['a'], []), [['a'], 'USER_SKIPPED']);
    assert.deepEqual(selected(['b'], []), [[], 'USER_SKIPPED', 'BATCHNORM_BETWEEN']);
    assert.deepEqual(selected(null, ['a']), [[], 'USER_SKIPPED', 'BATCHNORM_BETWEEN']);
  });

  test('skip leaves fusable ones, with the reason, and wins over only', () => {
    const { folded, left } = selectPairs(mixed, { only: ['a', 'd'], skip: ['a'] });
    assert.deepEqual(ids(folded), ['d']);
    assert.equal(left[0]?.reasons.at(-1)?.code, 'USER_SKIPPED');
  });

  test('only folds nothing else, and what the policy skips or names do not prove as well', () => {
    const { folded, left } = selectPairs(mixed, { only: ['b', 'c'], skip: [] });
    assert.deepEqual(
      [ids(folded), ids(left)],
      [
        ['b', 'c'],
        ['a', 'd'],
      ],
    );
    assert.equal(folded[1]?.reasons.at(-1)?.code, 'USER_FORCED');
  });

  test('ids stand alone or with commas between, and may hold commas themselves', () => {
    const model = pairingOf(pair('a'), pair('b'), pair('b,c'), pair(','));
    const foldedBy = (...only: string[]): string[] =>
      selectPairs(model, { only, skip: [] }).folded.map(({ id }) => id);
    assert.deepEqual(foldedBy('a,b'), ['a', 'b']);
    assert.deepEqual(foldedBy('a', 'b', 'a'), ['a', 'b']);
    assert.deepEqual(foldedBy('b,c'), ['b,c']);
    assert.deepEqual(foldedBy('a,b,c,b'), ['a', 'b', 'b,c']);
    assert.deepEqual(foldedBy(','), [',']);
    assert.deepEqual(foldedBy('a,,b,'), ['a', 'b']);
    assert.deepEqual(foldedBy(''), []);
    assert.throws(() => foldedBy('a,c'), /There is no pair c/);
    const { folded } = selectPairs(model, { only: null, skip: ['a,b,c'] });
    assert.deepEqual(
      folded.map(({ id }) => id),
      ['b', ','],
    );
  });

  test('a name that no pair has is an error that shows near names', () => {
    const model = pairingOf(pair('layer1.0.conv1'), pair('layer1.0.conv2'), pair('head'));
    const ask = (only: string): string => {
      try {
        selectPairs(model, { only: [only], skip: [] });
      } catch (error) {
        assert.ok(error instanceof RequestError);
        assert.equal(error.code, 'UNKNOWN_ID');
        return error.message;
      }
      return 'no error';
    };
    assert.match(ask('layer1.0.cnv1'), /layer1\.0\.conv1, layer1\.0\.conv2/);
    assert.doesNotMatch(ask('layer1.0.cnv1'), /head/);
    assert.match(ask('conv2'), /did you mean layer1\.0\.conv2/);
    assert.match(ask('something else'), /inspect/);
  });
});

describe('blocked pairs that the user names', () => {
  const forced = (codes: readonly ReasonCode[], evidence: Evidence): boolean =>
    selectPairs(pairingOf(pair('a', 'blocked', codes, evidence)), { only: ['a'], skip: [] }).folded
      .length === 1;

  test('are folded where the reason is a suspicion from names or statistics', () => {
    for (const code of [
      'ACTIVATION_BETWEEN',
      'STATISTICS_DISAGREE',
      'NORM_BEFORE_CONV',
      'PAIR_UNPROVED',
    ] as const) {
      assert.equal(forced([code, 'EPS_ASSUMED'], 'names'), true, code);
    }
  });

  test('are left where a graph proves the reason', () => {
    for (const code of ['ACTIVATION_BETWEEN', 'OPERATOR_BETWEEN', 'CONV_OUTPUT_REUSED'] as const) {
      assert.equal(forced([code], 'graph'), false, code);
    }
    assert.equal(forced(['PARAMETER_OVERRIDABLE'], 'graph'), true);
  });

  test('are left where the algebra forbids it, whatever else is said', () => {
    for (const code of [
      'CHANNELS_DIFFER',
      'VARIANCE_INVALID',
      'TRAINING_MODE',
      'SHARED_WEIGHT_TIED',
    ] as const) {
      assert.equal(forced(['PAIR_UNPROVED', code], 'names'), false, code);
    }
  });
});
