import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OpenedModel } from '../../../../src/core/model/openedModel';
import { ModelFormatError } from '../../../../src/core/errors';
import type { BatchNormLayer } from '../../../../src/core/model/layer';
import type { Pair } from '../../../../src/core/model/pair';
import { screenValues } from '../../../../src/core/statistics/screenValues';
import type { GraphBuilder } from '../../../support/graphBuilder';
import { assertVerdict, graph, onlyPair } from '../../../support/graphPairs';

type Role = 'gamma' | 'beta' | 'mean' | 'var';

/** A pair whose vectors hold the given values and harmless ones elsewhere. */
function withValues(given: Partial<Record<Role, readonly number[]>>): GraphBuilder {
  const builder = graph().conv();
  for (const [role, values] of Object.entries(given)) {
    builder.initializer(`y.${role}`, [4], { values });
  }
  return builder.batchNorm();
}

function screen(builder: GraphBuilder, change: (pair: Pair) => Pair = (pair) => pair): Pair {
  return screenWith(builder.model(), change(onlyPair(builder)));
}

function screenWith(model: OpenedModel, pair: Pair): Pair {
  return screenValues(model, { pairs: [pair], unpaired: [], problems: [] }).pairs[0]!;
}

describe('values of a BatchNorm', () => {
  test('that are well need no word', () => {
    assertVerdict(screen(withValues({})), 'fusable');
  });

  test('block where variance + eps is not positive, naming the channel', () => {
    const pair = screen(withValues({ var: [1, 1, -0.5, 1] }));
    assertVerdict(pair, 'blocked', 'VARIANCE_INVALID');
    assert.match(pair.reasons[0]!.message, /channel 2 \(-0\.5\)/);
    assertVerdict(screen(withValues({ var: [1, NaN, 1, 1] })), 'blocked', 'VARIANCE_INVALID');
    assertVerdict(screen(withValues({ var: [0, 0, 0, 0] }), noEps), 'blocked', 'VARIANCE_INVALID');
  });

  test('may have variance 0, or a little below, as long as eps keeps the sum positive', () => {
    assertVerdict(screen(withValues({ var: [0, -1e-6, 1, 1] })), 'fusable');
  });

  test('block where the variance is infinite', () => {
    assertVerdict(screen(withValues({ var: [1, Infinity, 1, 1] })), 'blocked', 'VARIANCE_INFINITE');
  });

  for (const role of ['gamma', 'beta', 'mean'] as const) {
    test(`block where ${role} is not finite`, () => {
      const pair = screen(withValues({ [role]: [1, 1, 1, NaN] }));
      assertVerdict(pair, 'blocked', 'PARAMETER_NOT_FINITE');
      assert.match(pair.reasons[0]!.message, new RegExp(`${role} holds NaN in channel 3`));
      const infinite = screen(withValues({ [role]: [Infinity, 1, 1, 1] }));
      assertVerdict(infinite, 'blocked', 'PARAMETER_NOT_FINITE');
    });
  }

  test('of the convolution’s bias and of constants between are looked at too', () => {
    const bias = graph()
      .initializer('w', [4, 3, 3, 3])
      .initializer('b', [4], { values: [0, NaN, 0, 0] });
    const withBias = bias.node('Conv', ['x', 'w', 'b'], ['c']).batchNorm();
    assertVerdict(screen(withBias), 'blocked', 'PARAMETER_NOT_FINITE');
    const between = graph()
      .conv('x', 'a')
      .initializer('k', [], { values: [Infinity] });
    const withBetween = between.node('Mul', ['a', 'k'], ['c']).batchNorm();
    assertVerdict(screen(withBetween), 'blocked', 'LOOKED_THROUGH', 'PARAMETER_NOT_FINITE');
  });

  test('block where a constant between divides by zero', () => {
    const builder = graph()
      .conv('x', 'a')
      .initializer('k', [4, 1, 1], { values: [1, 0, 1, 1] });
    const pair = screen(builder.node('Div', ['a', 'k'], ['c']).batchNorm());
    assertVerdict(pair, 'blocked', 'LOOKED_THROUGH', 'PARAMETER_NOT_FINITE');
    assert.match(pair.reasons[1]!.message, /1 \/ k holds Infinity in channel 1/);
  });

  test('are noted where gamma is 0 or negative, and where nothing was trained', () => {
    const odd = screen(withValues({ gamma: [0, -1, -2, 1] }));
    assertVerdict(odd, 'fusable', 'DEAD_CHANNELS', 'NEGATIVE_GAMMA');
    assert.deepEqual(odd.reasons[1]?.args, ['2', '4']);
    const fresh = screen(withValues({ mean: [0, 0, 0, 0], var: [1, 1, 1, 1] }));
    assertVerdict(fresh, 'fusable', 'UNTRAINED');
  });

  test('are noted where biases fold to subnormal numbers', () => {
    const vectors = { gamma: [0, 0, 1, 1], beta: [1e-40, 0, 1e-40, 1], mean: [5, 5, 1, 1] };
    const pair = screen(withValues(vectors));
    assertVerdict(pair, 'fusable', 'DEAD_CHANNELS', 'SUBNORMAL_BIAS');
    assert.deepEqual(pair.reasons[1]?.args, ['1']);
  });

  test('block where a float16 weight or bias would overflow, and note where a bias shrinks', () => {
    const half = (weight: number, given: Partial<Record<Role, readonly number[]>>): Pair => {
      const values = new Array<number>(4 * 27).fill(weight);
      const builder = withValues(given);
      return screen(builder.initializer('w', [4, 3, 3, 3], { dtype: 'f16', values }));
    };
    const tiny = { var: [1e-9, 1, 1, 1] };
    assertVerdict(half(1, tiny), 'fusable');
    assertVerdict(half(1000, tiny), 'blocked', 'FP16_OVERFLOW');
    assertVerdict(
      half(1, { mean: [1, 60000, 1, 1], var: [1, 0.1, 1, 1] }),
      'blocked',
      'FP16_OVERFLOW',
    );
    const small = half(1, { gamma: [0, 1, 1, 1], beta: [1e-5, 1, 1, 1] });
    assertVerdict(small, 'fusable', 'DEAD_CHANNELS', 'FP16_SUBNORMAL');
  });

  test('are not read beyond what layers have', () => {
    const long = { ...onlyPair(withValues({})) };
    const mean = { ...long.bn.mean, shape: [2 ** 21] };
    const pair = screen(withValues({}), (one) => ({ ...one, bn: { ...one.bn, mean } }));
    assertVerdict(pair, 'blocked', 'TENSOR_UNREADABLE');
    const wide = { ...long.bn.mean, shape: [2 ** 20] };
    const builder = withValues({});
    const many = Array.from({ length: 40 }, () => ({ ...long, bn: { ...long.bn, mean: wide } }));
    const { pairs } = screenValues(builder.model(), { pairs: many, unpaired: [], problems: [] });
    assert.equal(pairs[0]?.verdict, 'fusable');
    assertVerdict(pairs.at(-1)!, 'blocked', 'TENSOR_UNREADABLE');
  });

  test('block a skipped pair as well, and never lift a block', () => {
    const skipped = screen(withValues({ gamma: [1, 1, 1, NaN] }), (pair) => ({
      ...pair,
      verdict: 'skipped',
    }));
    assert.equal(skipped.verdict, 'blocked');
    const blocked = screen(withValues({}), (pair) => ({ ...pair, verdict: 'blocked' }));
    assert.equal(blocked.verdict, 'blocked');
  });
});

describe('an eps that is not in the file', () => {
  const assumed =
    (epsSource: BatchNormLayer['epsSource'], eps: number) =>
    (pair: Pair): Pair => ({
      ...pair,
      bn: { ...pair.bn, epsSource, eps },
    });

  test('is named with how much another one would matter', () => {
    // 1 − √((0.001 + 0.00001) / (0.001 + 0.001)) = 28.9 %.
    const builder = withValues({ var: [1, 1e-3, 10, 0.1] });
    const pair = screen(builder, assumed('default', 1e-5));
    assertVerdict(pair, 'fusable', 'EPS_ASSUMED');
    assert.deepEqual(pair.reasons[0]?.args.slice(0, 2), ['0.00001', '0.001']);
    assert.ok(Math.abs(Number(pair.reasons[0].args[2]) - 29) < 1);
    const rivalled = screen(builder, (one) => ({
      ...assumed('default', 1e-5)(one),
      bn: { ...assumed('default', 1e-5)(one).bn, epsRival: 0.8 },
    }));
    assert.deepEqual(rivalled.reasons[0]?.args.slice(0, 2), ['0.00001', '0.8']);
    assertVerdict(screen(builder, assumed('family', 1e-3)), 'fusable', 'EPS_ASSUMED');
    assertVerdict(screen(builder, assumed('user', 1e-3)), 'fusable');
  });
});

describe('values out of reach', () => {
  const absent =
    (why?: string) =>
    (pair: Pair): Pair => {
      const location =
        why === undefined ? { kind: 'absent' as const } : { kind: 'absent' as const, why };
      return { ...pair, bn: { ...pair.bn, mean: { ...pair.bn.mean, location } } };
    };

  test('block where the file should have them', () => {
    const pair = screen(withValues({}), absent('its data file is missing'));
    assertVerdict(pair, 'blocked', 'TENSOR_UNREADABLE');
    assert.match(pair.reasons[0]!.message, /y\.mean cannot be read: its data file is missing/);
  });

  test('say nothing in a listing, which never has any', () => {
    assertVerdict(screen(withValues({}), absent()), 'fusable');
  });

  test('block where a pair has no fold', () => {
    const builder = withValues({}).initializer('amax', [3]);
    const quantizer = { tensor: builder.tensor('amax', [3]), granularity: 'channel' } as const;
    const pair = screen(builder, (one) => ({ ...one, quantizers: [quantizer] }));
    assertVerdict(pair, 'blocked', 'TENSOR_UNREADABLE');
    assert.match(pair.reasons[0]!.message, /amax holds 3 values, which do not fit 4 channels/);
  });

  test('block where the weight cannot be walked, in one sentence', () => {
    const pair = screen(withValues({}), (one) => {
      const weight = { ...one.conv.weight, shape: [], strides: [] };
      return { ...one, conv: { ...one.conv, weight } };
    });
    assertVerdict(pair, 'blocked', 'TENSOR_UNREADABLE');
    assert.match(pair.reasons[0]!.message, /^\w+ cannot be read: a weight of shape \[\] [^.:]+\.$/);
  });

  test('block where reading fails', () => {
    const builder = withValues({});
    const readValues = (): Float64Array => {
      throw new ModelFormatError('the file ends too early');
    };
    const pair = screenWith({ ...builder.model(), readValues }, onlyPair(builder));
    assertVerdict(pair, 'blocked', 'TENSOR_UNREADABLE');
  });
});

function noEps(pair: Pair): Pair {
  return { ...pair, bn: { ...pair.bn, eps: 0 } };
}
