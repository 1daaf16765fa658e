import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeFloats } from '../../../../src/core/bytes/floats';
import { checkFold } from '../../../../src/core/folding/checkFold';
import { foldPair } from '../../../../src/core/folding/foldPair';
import { ChannelMaxima } from '../../../../src/core/folding/kernels/channelMaxima';
import { WeightFolder } from '../../../../src/core/folding/kernels/weightFolder';
import { findOverflow } from '../../../../src/core/folding/overflow';
import type { OpenedModel } from '../../../../src/core/model/openedModel';
import type { ChannelAffine, Pair } from '../../../../src/core/model/pair';
import type { GraphBuilder } from '../../../support/graphBuilder';
import { graph, onlyPair } from '../../../support/graphPairs';

const vectors = {
  gamma: [2, -1, 0, 0.5],
  beta: [1, 2, 3, 4],
  mean: [0.1, 0.2, 0.3, 0.4],
  var: [1, 0.25, 4, 1e-3],
};

/** The builder's model and pair, with the vectors above and epsilon 1e-3 as float32. */
function fold(builder: GraphBuilder): { model: OpenedModel; pair: Pair } {
  for (const [role, values] of Object.entries(vectors)) {
    builder.initializer(`y.${role}`, [4], { values });
  }
  const epsilon = { kind: 'float', value: Math.fround(1e-3) } as const;
  builder.batchNorm('c', 'y', { attributes: { epsilon } });
  return { model: builder.model(), pair: onlyPair(builder) };
}

const eps = Math.fround(1e-3);
const f32 = Math.fround;
const at = (role: keyof typeof vectors, channel: number): number => f32(vectors[role][channel]!);
const bnScale = (c: number): number => at('gamma', c) / Math.sqrt(at('var', c) + eps);

/** Relative to float64's own step: products are taken in another order here. */
function assertClose(found: Float64Array, expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  found.forEach((value, idx) => {
    const error = Math.abs(value - expected[idx]!);
    assert.ok(error <= 1e-14 * Math.max(1, Math.abs(value)), `${value} for ${expected[idx]!}`);
  });
}

const channels = [0, 1, 2, 3];

describe('the numbers of a fold', () => {
  test('scale is gamma / √(var + eps), the bias what is left of a zero', () => {
    const { model, pair } = fold(graph().conv());
    const { weight, bias } = foldPair(model, pair);
    assertClose(weight.scale, channels.map(bnScale));
    assertClose(
      bias,
      channels.map((c) => at('beta', c) - at('mean', c) * bnScale(c)),
    );
  });

  test('eps is added in float64, also to float16 variances that are next to nothing', () => {
    const builder = graph().initializer('w', [4, 3, 3, 3], { dtype: 'f16' });
    const values: Record<string, number[]> = {
      gamma: [1, 1, 1, 1],
      beta: [0, 0, 0, 0],
      mean: [0, 0, 0, 0],
      // 1e-8 is stored as 0, 1e-5 as 1.0014e-5, 0.1 as 0.09998.
      var: [1e-8, 1e-5, 0.1, 1],
    };
    for (const [role, stored] of Object.entries(values)) {
      builder.initializer(`y.${role}`, [4], { dtype: 'f16', values: stored });
    }
    builder.node('Conv', ['x', 'w'], ['c']).batchNorm();
    const model = builder.model();
    const { weight } = foldPair(model, onlyPair(builder));
    const stored = [0, 168 * 2 ** -24, 1638 * 2 ** -14, 1];
    const expected = stored.map((variance) => 1 / Math.sqrt(variance + Math.fround(1e-5)));
    assertClose(weight.scale, expected);
    assert.ok(weight.scale[0]! > 316 && weight.scale[0]! < 317);
  });

  test('a bias goes through the BatchNorm', () => {
    const builder = graph()
      .initializer('w', [4, 3, 3, 3])
      .initializer('b', [4], { values: [1, 2, 3, 4] });
    const { model, pair } = fold(builder.node('Conv', ['x', 'w', 'b'], ['c']));
    const expected = channels.map((c) => (c + 1 - at('mean', c)) * bnScale(c) + at('beta', c));
    assertClose(foldPair(model, pair).bias, expected);
  });

  test('constants between fold along in order of execution', () => {
    const builder = graph()
      .conv('x', 'a')
      .initializer('k', [4, 1, 1], { values: [2, 3, 4, 5] });
    builder.initializer('s', [], { values: [0.5] });
    builder.node('Mul', ['k', 'a'], ['p']).node('Sub', ['s', 'p'], ['c']);
    const { model, pair } = fold(builder);
    const { weight, bias } = foldPair(model, pair);
    assertClose(
      weight.scale,
      channels.map((c) => -(c + 2) * bnScale(c)),
    );
    assertClose(
      bias,
      channels.map((c) => (0.5 - at('mean', c)) * bnScale(c) + at('beta', c)),
    );
  });

  test('a division by a constant folds along', () => {
    const builder = graph()
      .conv('x', 'a')
      .initializer('k', [1], { values: [4] });
    const { model, pair } = fold(builder.node('Div', ['a', 'k'], ['c']));
    assertClose(
      foldPair(model, pair).weight.scale,
      channels.map((c) => bnScale(c) / 4),
    );
  });

  test('Gemm’s stored bias is divided by its beta, and one C for all columns spreads', () => {
    const builder = graph()
      .initializer('w', [3, 4])
      .initializer('C', [1], { values: [6] });
    builder.node('Gemm', ['x', 'w', 'C'], ['c'], { attributes: { beta: 0.5, alpha: 3 } });
    const { model, pair } = fold(builder);
    const { bias, reference } = foldPair(model, pair);
    assertClose(
      bias,
      channels.map((c) => ((3 - at('mean', c)) * bnScale(c) + at('beta', c)) / 0.5),
    );
    assert.deepEqual(reference.convBias, Float64Array.of(3, 3, 3, 3));
  });

  test('a per-channel range of a weight quantizer grows with its channel', () => {
    const { model, pair } = fold(graph().conv());
    const tensor = pair.bn.beta!;
    const quantizers = [{ tensor, granularity: 'channel' }] as const;
    const [amax] = foldPair(model, { ...pair, quantizers }).quantizers;
    assertClose(
      amax!.values,
      channels.map((c) => at('beta', c) * Math.abs(bnScale(c))),
    );
  });

  test('a range that serves a channel of every group holds the widest of them', () => {
    const builder = graph()
      .initializer('w', [4, 2, 3, 3])
      .initializer('amax', [1, 2, 1, 1], { values: [1, 10] });
    builder.node('ConvTranspose', ['x', 'w'], ['c'], { attributes: { group: 2 } });
    const { model, pair } = fold(builder);
    const tensor = builder.graph().initializers.get('amax')!;
    const quantizers = [{ tensor, granularity: 'channel' }] as const;
    const [amax] = foldPair(model, { ...pair, quantizers }).quantizers;
    const widest = (a: number, b: number): number =>
      Math.max(Math.abs(bnScale(a)), Math.abs(bnScale(b)));
    assertClose(amax!.values, [widest(0, 2), 10 * widest(1, 3)]);
  });

  test('an absent gamma is 1 and an absent beta 0', () => {
    const { model, pair } = fold(graph().conv());
    const { weight, bias } = foldPair(model, {
      ...pair,
      bn: { ...pair.bn, gamma: null, beta: null },
    });
    const scale = (c: number): number => 1 / Math.sqrt(at('var', c) + eps);
    assertClose(weight.scale, channels.map(scale));
    assertClose(
      bias,
      channels.map((c) => -at('mean', c) * scale(c)),
    );
  });
});

describe('the isolated check', () => {
  const values = Array.from({ length: 108 }, (_, idx) => Math.sin(idx));

  /** Folds the weight and checks it against a reference that may be spoiled. */
  function check(spoil: (pair: Pair) => Pair) {
    const builder = graph()
      .initializer('w', [4, 3, 3, 3], { values })
      .node('Conv', ['x', 'w'], ['c']);
    const { model, pair } = fold(builder);
    const right = foldPair(model, pair);
    const wrong = foldPair(model, spoil(pair));
    const bytes = encodeFloats(Float64Array.from(values), 'f32');
    const folder = new WeightFolder(wrong.weight);
    folder.fold(bytes, 0);
    const storedBias = wrong.bias.map(Math.fround);
    return checkFold(folder, { reference: right.reference, storedBias }, 'f32');
  }

  test('finds nothing but rounding in a right fold', () => {
    const { sqnrDb, maxAbs } = check((pair) => pair);
    assert.ok(typeof sqnrDb === 'number' && sqnrDb > 130, String(sqnrDb));
    assert.ok(maxAbs < 1e-5);
  });

  const spoiled: readonly [string, (pair: Pair) => Pair][] = [
    ['another eps', (pair) => ({ ...pair, bn: { ...pair.bn, eps: 1e-5 } })],
    ['a missing gamma', (pair) => ({ ...pair, bn: { ...pair.bn, gamma: null } })],
    ['mean and beta exchanged', (pair) => ({ ...pair, bn: { ...pair.bn, mean: pair.bn.beta! } })],
    ['a constant too many', (pair) => ({ ...pair, between: [extra(pair)] })],
  ];
  for (const [what, spoil] of spoiled) {
    test(`sees ${what}`, () => {
      const { sqnrDb } = check(spoil);
      assert.ok(typeof sqnrDb === 'number' && sqnrDb < 60, String(sqnrDb));
    });
  }

  function extra(pair: Pair): ChannelAffine {
    return { operation: 'mul', constant: pair.bn.mean, isConstantFirst: false };
  }

  test('holds a BatchNorm between to its own numbers', () => {
    const { model, pair } = fold(graph().conv());
    const twice = foldPair(model, {
      ...pair,
      between: [{ operation: 'batchNorm', layer: pair.bn }],
    });
    assertClose(
      twice.weight.scale,
      channels.map((c) => bnScale(c) ** 2),
    );
    const once = foldPair(model, pair).bias;
    assertClose(
      twice.bias,
      channels.map((c) => (once[c]! - at('mean', c)) * bnScale(c) + at('beta', c)),
    );
  });

  test('is infinite where a folded weight overflows', () => {
    const axes = [{ count: 1, stride: 1, channelStep: 1, reductionStep: 0 }];
    const folder = new WeightFolder({ dtype: 'f16', axes, scale: Float64Array.of(70000) });
    folder.fold(encodeFloats(Float64Array.of(1), 'f16'), 0);
    const one = Float64Array.of(1);
    const zero = Float64Array.of(0);
    const reference = {
      convBias: null,
      between: [],
      gamma: one,
      beta: zero,
      mean: zero,
      variance: one,
      eps: 0,
      biasFactor: 1,
    };
    assert.equal(checkFold(folder, { reference, storedBias: zero }, 'f16').sqnrDb, -Infinity);
  });
});

describe('overflow of the element type', () => {
  const wide = (scale: number, dtype: 'f16' | 'f32') => {
    const { model, pair } = fold(graph().conv());
    const right = foldPair(model, pair);
    const axes = [
      { count: 2, stride: 2, channelStep: 1, reductionStep: 0 },
      { count: 2, stride: 1, channelStep: 0, reductionStep: 1 },
    ];
    return {
      ...right,
      bias: new Float64Array(2),
      weight: { dtype, axes, scale: Float64Array.of(1, scale) },
    };
  };

  test('is found by the largest weight of each channel', () => {
    const folded = wide(-300, 'f16');
    const maxima = new ChannelMaxima(folded.weight);
    const bytes = encodeFloats(Float64Array.of(1000, -2, 3, -250), 'f16');
    maxima.add(bytes.subarray(0, 6), 0);
    maxima.add(bytes.subarray(6), 3);
    assert.deepEqual(maxima.values, Float64Array.of(1000, 250));
    const reason = findOverflow(folded, maxima.values);
    assert.equal(reason?.code, 'FP16_OVERFLOW');
    assert.deepEqual(reason.args, ['1', '7.500e+4', 'float16']);
    assert.equal(findOverflow(wide(-300, 'f32'), maxima.values), null);
  });

  test('begins where rounding gives infinity', () => {
    assert.equal(findOverflow(wide(65519, 'f16'), Float64Array.of(1, 1)), null);
    assert.notEqual(findOverflow(wide(65520, 'f16'), Float64Array.of(1, 1)), null);
  });

  test('of a bias needs no weight', () => {
    const folded = { ...wide(1, 'f16'), bias: Float64Array.of(0, 1e5) };
    assert.equal(findOverflow(folded, null)?.args[0], '1');
  });
});
