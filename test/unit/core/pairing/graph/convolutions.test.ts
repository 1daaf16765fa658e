import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AttributeValue, Graph, GraphValue } from '../../../../../src/core/model/network';
import type { Pair } from '../../../../../src/core/model/pair';
import { findGraphPairs } from '../../../../../src/core/pairing/graph/findGraphPairs';
import { GraphBuilder } from '../../../../support/graphBuilder';
import { assertVerdict, graph, onlyPair } from '../../../../support/graphPairs';

type Attributes = Readonly<Record<string, number | string | AttributeValue>>;

/** x → one layer with weight [shape] → BatchNorm of `channels`. */
function layer(
  opType: string,
  shape: readonly number[],
  channels: number,
  attributes: Attributes = {},
): GraphBuilder {
  return graph()
    .initializer('w', shape)
    .node(opType, ['x', 'w'], ['c'], { name: 'layer', attributes })
    .batchNorm('c', 'y', { channels });
}

describe('kinds of convolutions', () => {
  test('a grouped and a depthwise Conv have their channels on axis 0', () => {
    const grouped = onlyPair(layer('Conv', [6, 2, 3, 3], 6, { group: 3 }));
    assertVerdict(grouped, 'fusable');
    assert.equal(grouped.conv.inChannels, 6);
    assertVerdict(onlyPair(layer('Conv', [6, 1, 3, 3], 6, { group: 6 })), 'fusable');
  });

  test('a Conv folds whatever its strides, dilations and pads are: the BatchNorm comes behind them', () => {
    const ints = (...value: number[]) => ({ kind: 'ints', value }) as const;
    for (const attributes of [
      { strides: ints(2, 1), dilations: ints(1, 3), pads: ints(0, 2, 1, 0) },
      { auto_pad: 'SAME_UPPER' },
      { auto_pad: 'VALID' },
    ]) {
      assertVerdict(onlyPair(layer('Conv', [4, 3, 3, 3], 4, attributes)), 'fusable');
    }
  });

  test('a transposed convolution has out/g on axis 1', () => {
    const pair = onlyPair(layer('ConvTranspose', [6, 2, 3, 3], 4, { group: 2 }));
    assertVerdict(pair, 'fusable');
    assert.equal(pair.conv.layout, 'IO*');
    assert.equal(pair.conv.outChannels, 4);
  });

  test('groups that do not divide the channels block', () => {
    const pair = onlyPair(layer('ConvTranspose', [5, 2, 3, 3], 4, { group: 2 }));
    assertVerdict(pair, 'blocked', 'GROUPS_INVALID');
    assertVerdict(
      onlyPair(layer('Conv', [4, 2, 3, 3], 4, { group: 3 })),
      'blocked',
      'GROUPS_INVALID',
    );
    assertVerdict(
      onlyPair(layer('Conv', [4, 2, 3, 3], 4, { group: 0 })),
      'blocked',
      'GROUPS_INVALID',
    );
  });

  test('a deformable convolution is linear in its weight', () => {
    const builder = graph().input('offset').initializer('w', [4, 3, 3, 3]).initializer('b', [4]);
    builder.node('DeformConv', ['x', 'w', 'offset', 'b'], ['c'], { name: 'dcn' }).batchNorm();
    const pair = onlyPair(builder, { opset: 19 });
    assertVerdict(pair, 'fusable');
    assert.equal(pair.conv.bias?.name, 'b');
  });

  test('ONNX Runtime’s FusedConv applies its activation first', () => {
    const fused = (attributes: Attributes) =>
      onlyPair(
        graph()
          .initializer('w', [4, 3, 3, 3])
          .node('FusedConv', ['x', 'w'], ['c'], { domain: 'com.microsoft', attributes })
          .batchNorm(),
      );
    assertVerdict(fused({ activation: 'Relu' }), 'blocked', 'FUSED_ACTIVATION');
    assertVerdict(fused({}), 'blocked', 'CUSTOM_DOMAIN');
  });

  test('operators of other domains are not known, convolution and BatchNorm alike', () => {
    const domain = 'com.acme';
    const conv = graph().initializer('w', [4, 3, 3, 3]).node('Conv', ['x', 'w'], ['c'], { domain });
    assertVerdict(onlyPair(conv.batchNorm()), 'blocked', 'CUSTOM_DOMAIN');
    const bn = graph().conv().batchNorm('c', 'y', { domain });
    assertVerdict(onlyPair(bn), 'blocked', 'CUSTOM_DOMAIN');
  });

  for (const opType of ['Conv', 'BatchNormalization', 'Mul', 'Identity', 'Constant']) {
    test(`${opType} redefined by a function of the file means nobody knows what`, () => {
      const builder = graph()
        .conv()
        .initializer('k', [1])
        .node('Mul', ['c', 'k'], ['m'])
        .batchNorm('m');
      const opened = builder.model();
      const { network } = opened;
      assert.ok(network.kind === 'graph');
      const withFunction = (scope: string): Pair[] => {
        const body: Graph = new GraphBuilder(scope, 'function').graph();
        const graphs = [...network.graphs, body];
        const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
        return [...findGraphPairs({ ...opened, network: { ...network, graphs } }, options).pairs];
      };
      const [pair] = withFunction(opType);
      assert.equal(pair!.verdict, 'blocked');
      assert.equal(pair!.reasons[0]!.code, 'OPERATOR_REDEFINED');
      assert.equal(withFunction(`my.domain:${opType}`)[0]!.verdict, 'fusable');
    });
  }

  test('a sparse convolution of NVIDIA’s exporter keeps [out, k, in]', () => {
    const shape = [16, 3, 3, 3, 5];
    const pair = onlyPair(layer('SparseConvolution', shape, 16, { activation: 'None' }));
    assertVerdict(pair, 'fusable');
    assert.equal(pair.conv.layout, 'O*I');
    assert.deepEqual(pair.conv.kernel, [3, 3, 3]);
    const relu = onlyPair(layer('SparseConvolution', shape, 16, { activation: 'ReLU' }));
    assertVerdict(relu, 'blocked', 'FUSED_ACTIVATION');
  });

  test('a sparse convolution whose activation is no text is not known to have none', () => {
    const attributes = { activation: { kind: 'other' } } as const;
    const pair = onlyPair(layer('SparseConvolution', [4, 3, 3, 3, 3], 4, attributes));
    assertVerdict(pair, 'blocked', 'FUSED_ACTIVATION');
  });

  test('int8 ranges of a sparse convolution grow along, if there is one for each channel', () => {
    const quantized = (ranges: readonly number[]) => {
      const builder = graph().initializer('w', [4, 3, 3, 3, 5]);
      builder.node('SparseConvolution', ['x', 'w'], ['c'], {
        attributes: { weight_dynamic_ranges: ranges },
      });
      return onlyPair(builder.batchNorm());
    };
    assertVerdict(quantized([1, 2, 3, 4]), 'fusable', 'AMAX_RESCALED');
    assertVerdict(quantized([1, 2, 3]), 'blocked', 'WEIGHT_QUANTIZED');
  });
});

describe('Gemm', () => {
  const gemm = (cShape: readonly number[] | null, attributes: Attributes = {}): GraphBuilder => {
    const builder = graph().initializer('w', attributes['transB'] === 1 ? [4, 3] : [3, 4]);
    if (cShape) builder.initializer('C', cShape);
    const inputs = cShape ? ['x', 'w', 'C'] : ['x', 'w'];
    return builder.node('Gemm', inputs, ['c'], { attributes }).batchNorm();
  };

  test('has its channels on the axis that transB says', () => {
    assert.equal(onlyPair(gemm([4])).conv.layout, 'IO*');
    assert.equal(onlyPair(gemm([4], { transB: 1 })).conv.layout, 'OI*');
    assertVerdict(onlyPair(gemm([4], { transB: 1, transA: 1 })), 'fusable');
  });

  for (const shape of [null, [], [1], [4], [1, 4], [1, 1]]) {
    test(`takes a C of shape ${JSON.stringify(shape)}`, () => {
      assertVerdict(onlyPair(gemm(shape)), 'fusable');
    });
  }

  for (const shape of [
    [8, 4],
    [8, 1],
  ]) {
    test(`refuses a C that varies over rows: [${shape.join(', ')}]`, () => {
      assertVerdict(onlyPair(gemm(shape)), 'blocked', 'GEMM_BIAS_PER_ROW');
    });
  }

  test('whose transB the caller of a function chooses blocks', () => {
    const pair = onlyPair(gemm([4], { transB: { kind: 'ref', value: 'transposed' } }));
    assertVerdict(pair, 'blocked', 'WEIGHT_NOT_CONSTANT');
  });

  test('is transposed by any transB but 0, as runtimes take it', () => {
    for (const transB of [2, -1]) {
      const builder = graph()
        .initializer('w', [4, 3])
        .node('Gemm', ['x', 'w'], ['c'], { attributes: { transB } })
        .batchNorm();
      assert.equal(onlyPair(builder).conv.layout, 'OI*');
    }
  });

  test('hands on its beta, and refuses 0 and what is no number', () => {
    assert.equal(onlyPair(gemm([4], { beta: 0.5 })).biasFactor, 0.5);
    assertVerdict(onlyPair(gemm([4], { beta: 0 })), 'blocked', 'GEMM_BETA_ZERO');
    for (const value of [Infinity, -Infinity, NaN]) {
      const beta = { kind: 'float', value } as const;
      assertVerdict(onlyPair(gemm([4], { beta })), 'blocked', 'TENSOR_UNREADABLE');
    }
  });

  test('behind a reduction whose keepdims is neither 0 nor 1 has no known rank', () => {
    const builder = graph()
      .initializer('w', [3, 4])
      .node('ReduceMean', ['x'], ['m'], {
        attributes: { axes: { kind: 'ints', value: [2, 3] }, keepdims: 2 },
      })
      .node('MatMul', ['m', 'w'], ['c'])
      .batchNorm();
    assertVerdict(onlyPair(builder), 'blocked', 'RANK_UNKNOWN');
  });
});

describe('MatMul', () => {
  const matMul = (shape: GraphValue['shape'], weight: readonly number[] = [3, 4]) =>
    graph()
      .input('a', shape)
      .initializer('w', weight)
      .node('MatMul', ['a', 'w'], ['c'])
      .batchNorm();

  test('is a linear layer on rank 2 only', () => {
    assertVerdict(onlyPair(matMul(['batch', 3])), 'fusable');
    assertVerdict(onlyPair(matMul([1, 4, 3])), 'blocked', 'MATMUL_NOT_RANK_2');
    assertVerdict(onlyPair(matMul([1, 3], [2, 3, 4])), 'blocked', 'MATMUL_NOT_RANK_2');
    assertVerdict(onlyPair(matMul(null)), 'blocked', 'RANK_UNKNOWN');
  });

  test('with a bias added behind it folds both', () => {
    const builder = graph().input('a', [2, 3]).initializer('w', [3, 4]).initializer('b', [4]);
    builder.node('MatMul', ['a', 'w'], ['m']).node('Add', ['b', 'm'], ['c']).batchNorm();
    const pair = onlyPair(builder);
    assertVerdict(pair, 'fusable', 'LOOKED_THROUGH');
    assert.equal(pair.between.length, 1);
  });

  const producers: readonly [string, (builder: GraphBuilder) => GraphBuilder, boolean][] = [
    ['Flatten', (builder) => builder.node('Flatten', ['x'], ['a']), true],
    ['Gemm behind Relu', (b) => b.node('Gemm', ['x', 'x'], ['g']).node('Relu', ['g'], ['a']), true],
    ['GlobalAveragePool', (builder) => builder.node('GlobalAveragePool', ['x'], ['a']), false],
    [
      'Reshape to two dimensions',
      (b) => b.initializer('s', [2], { dtype: 'i64' }).node('Reshape', ['x', 's'], ['a']),
      true,
    ],
    [
      'Reshape to three dimensions',
      (b) => b.initializer('s', [3], { dtype: 'i64' }).node('Reshape', ['x', 's'], ['a']),
      false,
    ],
    [
      'a mean over two axes that go',
      (b) =>
        b.initializer('s', [2], { dtype: 'i64' }).node('ReduceMean', ['x', 's'], ['a'], {
          attributes: { keepdims: 0 },
        }),
      true,
    ],
    [
      'a mean over two axes that stay',
      (b) => b.initializer('s', [2], { dtype: 'i64' }).node('ReduceMean', ['x', 's'], ['a']),
      false,
    ],
    [
      'Squeeze of two axes',
      (b) =>
        b.node('Squeeze', ['x'], ['a'], {
          attributes: { axes: { kind: 'ints', value: [2, 3] } },
        }),
      true,
    ],
  ];
  for (const [producer, build, isRank2] of producers) {
    test(`finds the rank behind ${producer}`, () => {
      const builder = build(graph()).initializer('w', [3, 4]).node('MatMul', ['a', 'w'], ['c']);
      const pair = onlyPair(builder.batchNorm());
      if (isRank2) assertVerdict(pair, 'fusable');
      else assertVerdict(pair, 'blocked', 'MATMUL_NOT_RANK_2');
    });
  }

  test('does not trust an operator it does not know', () => {
    const builder = graph().node('Mystery', ['x'], ['a']).initializer('w', [3, 4]);
    const pair = onlyPair(builder.node('MatMul', ['a', 'w'], ['c']).batchNorm());
    assertVerdict(pair, 'blocked', 'RANK_UNKNOWN');
  });
});

describe('the policy bevfusion', () => {
  const verdictOf = (builder: GraphBuilder) =>
    onlyPair(builder, { options: { policy: 'bevfusion' } }).verdict;

  test('folds 2-D and sparse convolutions and leaves the others, with the reason', () => {
    assert.equal(verdictOf(layer('Conv', [4, 3, 3, 3], 4)), 'fusable');
    assert.equal(verdictOf(layer('SparseConvolution', [4, 3, 3, 3, 5], 4)), 'fusable');
    assert.equal(verdictOf(layer('Conv', [4, 3, 3], 4)), 'skipped');
    assert.equal(verdictOf(layer('Conv', [4, 3, 3, 3, 3], 4)), 'skipped');
    assert.equal(verdictOf(layer('ConvTranspose', [3, 4, 3, 3], 4)), 'skipped');
    assert.equal(verdictOf(layer('Gemm', [3, 4], 4)), 'skipped');
    const pair = onlyPair(layer('Conv', [4, 3, 3], 4), { options: { policy: 'bevfusion' } });
    assertVerdict(pair, 'skipped', 'POLICY_BEVFUSION');
    assert.match(pair.reasons[0]!.message, /1-D Conv/);
  });

  test('never softens a block', () => {
    const builder = graph().initializer('w', [4, 3, 3]).node('Conv', ['x', 'w'], ['c']);
    const pair = onlyPair(builder.node('Relu', ['c'], ['r']).batchNorm('r'), {
      options: { policy: 'bevfusion' },
    });
    assertVerdict(pair, 'blocked', 'ACTIVATION_BETWEEN');
  });
});
