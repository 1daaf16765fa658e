import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findGraphPairs } from '../../../../../src/core/pairing/graph/findGraphPairs';
import type { GraphNetwork } from '../../../../../src/core/model/network';
import { GraphBuilder } from '../../../../support/graphBuilder';
import { assertVerdict, graph, onlyPair, pairing } from '../../../../support/graphPairs';

describe('what stands between convolution and BatchNorm', () => {
  test('nothing: the pair is fusable, known by the graph and named after its convolution', () => {
    const pair = onlyPair(graph().conv().batchNorm().output('y'));
    assertVerdict(pair, 'fusable');
    assert.equal(pair.id, 'conv');
    assert.equal(pair.evidence, 'graph');
    assert.equal(pair.conv.outChannels, 4);
    assert.equal(pair.conv.inChannels, 3);
    assert.deepEqual(pair.conv.kernel, [3, 3]);
    assert.equal(pair.bn.eps, Math.fround(1e-5));
    assert.equal(pair.bn.epsSource, 'attribute');
  });

  for (const opType of ['Relu', 'Clip', 'LeakyRelu', 'HardSwish', 'Sigmoid']) {
    test(`an activation blocks: ${opType}`, () => {
      const pair = onlyPair(graph().conv().node(opType, ['c'], ['r']).batchNorm('r'));
      assertVerdict(pair, 'blocked', 'ACTIVATION_BETWEEN');
      assert.match(pair.reasons[0]!.message, new RegExp(opType));
    });
  }

  for (const opType of [
    'MaxPool',
    'AveragePool',
    'Pad',
    'Transpose',
    'Reshape',
    'InstanceNormalization',
    'GroupNormalization',
    'LayerNormalization',
    'QuantizeLinear',
    'Neg',
  ]) {
    test(`an operator that no fold passes blocks: ${opType}`, () => {
      const pair = onlyPair(graph().conv().node(opType, ['c'], ['r']).batchNorm('r'));
      assertVerdict(pair, 'blocked', 'OPERATOR_BETWEEN');
    });
  }

  test('a Cast is never dropped silently', () => {
    const pair = onlyPair(graph().conv().node('Cast', ['c'], ['r']).batchNorm('r'));
    assertVerdict(pair, 'blocked', 'CAST_BETWEEN');
  });

  test('Identity nodes are looked through, under both policies', () => {
    const chain = (): GraphBuilder =>
      graph().conv().node('Identity', ['c'], ['i']).node('Identity', ['i'], ['j']).batchNorm('j');
    assertVerdict(onlyPair(chain()), 'fusable', 'LOOKED_THROUGH', 'LOOKED_THROUGH');
    const bevfusion = onlyPair(chain(), { options: { policy: 'bevfusion' } });
    assertVerdict(bevfusion, 'fusable', 'LOOKED_THROUGH', 'LOOKED_THROUGH');
  });

  test('an Identity of another domain is not known to do nothing', () => {
    const pair = onlyPair(
      graph().conv().node('Identity', ['c'], ['i'], { domain: 'acme' }).batchNorm('i'),
    );
    assertVerdict(pair, 'blocked', 'OPERATOR_BETWEEN');
  });

  test('an output that a second node reads blocks', () => {
    const pair = onlyPair(
      graph().conv().batchNorm().node('Add', ['c', 'y'], ['z'], { name: 'Add_12' }),
    );
    assertVerdict(pair, 'blocked', 'CONV_OUTPUT_REUSED');
    assert.match(pair.reasons[0]!.message, /Add_12/);
  });

  test('an output of a node looked through that a second node reads blocks', () => {
    const pair = onlyPair(
      graph().conv().node('Identity', ['c'], ['i']).batchNorm('i').node('Relu', ['i'], ['z']),
    );
    assertVerdict(pair, 'blocked', 'LOOKED_THROUGH', 'CONV_OUTPUT_REUSED');
  });

  test('an output of the graph blocks, the BatchNorm’s own does not', () => {
    const pair = onlyPair(graph().conv().batchNorm().output('c').output('y'));
    assertVerdict(pair, 'blocked', 'CONV_OUTPUT_IS_GRAPH_OUTPUT');
  });

  test('an output that something outside the network reads blocks', () => {
    const builder = graph().conv().batchNorm();
    const model = builder.model();
    const graphs = [{ ...builder.graph(), readElsewhere: ['c'] }];
    const network = { ...(model.network as GraphNetwork), graphs };
    const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
    const { pairs } = findGraphPairs({ ...model, network }, options);
    assertVerdict(pairs[0]!, 'blocked', 'CONV_OUTPUT_IS_GRAPH_OUTPUT');
  });

  test('an output that a subgraph captures blocks', () => {
    const body = new GraphBuilder('If_3/then_branch', 'subgraph')
      .node('Relu', ['c'], ['t'])
      .output('t');
    const pair = onlyPair(
      graph()
        .conv()
        .batchNorm()
        .node('If', ['flag'], ['z'], { name: 'If_3', subgraphs: [body.graph()] }),
    );
    assertVerdict(pair, 'blocked', 'CONV_OUTPUT_CAPTURED');
    assert.match(pair.reasons[0]!.message, /If_3/);
  });

  test('two BatchNorms behind one convolution are two pairs with ids of their own', () => {
    const two = graph()
      .conv()
      .batchNorm('c', 'y', { name: 'bn1' })
      .batchNorm('c', 'z', { name: 'bn2' });
    const { pairs } = pairing(two);
    assert.deepEqual(
      pairs.map(({ id }) => id),
      ['conv', 'conv#bn2'],
    );
    for (const pair of pairs) assertVerdict(pair, 'blocked', 'CONV_OUTPUT_REUSED');
  });

  const twoInARow = () =>
    graph().conv().batchNorm('c', 'y', { name: 'bn1' }).batchNorm('y', 'z', { name: 'bn2' });

  test('a BatchNorm behind a folded BatchNorm folds after it', () => {
    const { pairs } = pairing(twoInARow());
    assertVerdict(pairs[0]!, 'fusable');
    assertVerdict(pairs[1]!, 'fusable', 'LOOKED_THROUGH');
    assert.equal(pairs[1]!.id, 'conv#bn2');
    assert.equal(pairs[1]!.foldsAfter, 'conv');
    assert.equal(pairs[1]!.between[0]?.operation, 'batchNorm');
  });

  test('a BatchNorm behind one that stays, or whose output is read, stays too', () => {
    const training = { training_mode: 1 };
    const behindTraining = graph()
      .conv()
      .batchNorm('c', 'y', { name: 'bn1', attributes: training })
      .batchNorm('y', 'z', { name: 'bn2' });
    assertVerdict(pairing(behindTraining).pairs[1]!, 'blocked', 'BATCHNORM_BETWEEN');
    const read = pairing(twoInARow().output('y')).pairs[1]!;
    assertVerdict(read, 'blocked', 'LOOKED_THROUGH', 'CONV_OUTPUT_IS_GRAPH_OUTPUT');
    const script = pairing(twoInARow(), { format: 'torchscript' }).pairs[1]!;
    assertVerdict(script, 'blocked', 'BATCHNORM_BETWEEN');
  });

  test('one convolution’s weight used by two convolutions, one with a BatchNorm: only that one folds, into a copy', () => {
    const builder = graph()
      .conv()
      .batchNorm()
      .node('Conv', ['x', 'w'], ['plain'], { name: 'again' })
      .output('plain');
    const { pairs } = pairing(builder);
    assert.equal(pairs.length, 1);
    assertVerdict(pairs[0]!, 'fusable', 'SHARED_WEIGHT_COPIED');
    assert.equal(pairs[0]!.copiesWeight, true);
  });

  test('two convolutions behind each other with one weight and BatchNorms of their own fold both, into copies', () => {
    const builder = new GraphBuilder()
      .input('x', [1, 4, 8, 8])
      .initializer('w', [4, 4, 1, 1])
      .node('Conv', ['x', 'w'], ['c'], { name: 'first' })
      .batchNorm('c', 'y')
      .node('Conv', ['y', 'w'], ['d'], { name: 'second' })
      .batchNorm('d', 'z', { name: 'bn2' });
    for (const pair of pairing(builder).pairs) {
      assertVerdict(pair, 'fusable', 'SHARED_WEIGHT_COPIED');
    }
  });

  test('a name that is given twice blocks, as nobody knows who reads which', () => {
    const convTwice = graph().conv().batchNorm().node('Relu', ['x'], ['c']);
    assertVerdict(onlyPair(convTwice), 'blocked', 'VALUE_DEFINED_TWICE');
    const outputTwice = graph().conv().batchNorm().node('Relu', ['x'], ['y']);
    assertVerdict(onlyPair(outputTwice), 'blocked', 'VALUE_DEFINED_TWICE');
    const inputTwice = graph().input('y').conv().batchNorm();
    assertVerdict(onlyPair(inputTwice), 'blocked', 'VALUE_DEFINED_TWICE');
    const between = graph().conv().node('Identity', ['c'], ['d']).batchNorm('d');
    assertVerdict(
      onlyPair(between.node('Relu', ['x'], ['d'])),
      'blocked',
      'LOOKED_THROUGH',
      'VALUE_DEFINED_TWICE',
    );
  });

  test('a BatchNorm’s output whose name a body uses for a value of its own blocks, however deep it lies', () => {
    const inner = new GraphBuilder('If_a/then_branch', 'subgraph').node('Relu', ['x'], ['y']);
    const body = new GraphBuilder('If_b/then_branch', 'subgraph').node('If', ['flag'], ['a'], {
      subgraphs: [inner.graph()],
    });
    const outer = graph()
      .conv()
      .node('If', ['flag'], ['b'], { subgraphs: [body.graph()] });
    assertVerdict(onlyPair(outer.batchNorm()), 'blocked', 'VALUE_DEFINED_TWICE');
  });

  test('a sparse initializer is no constant, and hides one of the same name around its graph', () => {
    const body = new GraphBuilder('If_z/then_branch', 'subgraph')
      .sparseInitializer('w')
      .node('Conv', ['x', 'w'], ['c'])
      .batchNorm();
    const outer = graph()
      .initializer('w', [4, 3, 3, 3])
      .node('If', ['flag'], ['z'], { subgraphs: [body.graph()] });
    assertVerdict(onlyPair(outer), 'blocked', 'WEIGHT_NOT_CONSTANT');
  });

  test('a weight or vector whose name a node gives as well is no constant', () => {
    const pair = (to: string) => onlyPair(graph().conv().batchNorm().node('Relu', ['x'], [to]));
    assertVerdict(pair('w'), 'blocked', 'WEIGHT_NOT_CONSTANT');
    assertVerdict(pair('y.mean'), 'blocked', 'PARAMETERS_NOT_CONSTANT');
  });

  test('a BatchNorm without an output blocks', () => {
    for (const outputs of [[], ['']]) {
      const pair = onlyPair(graph().conv().batchNorm('c', 'y', { outputs }));
      assertVerdict(pair, 'blocked', 'OUTPUT_MISSING');
    }
  });

  test('nodes that form a cycle end the search', () => {
    const cyclic = graph().node('Relu', ['b'], ['a']).node('Relu', ['a'], ['b']).batchNorm('b');
    assert.equal(pairing(cyclic).unpaired.length, 1);
  });
});

describe('a BatchNorm no convolution feeds', () => {
  const origins: readonly [string, GraphBuilder, RegExp][] = [
    ['the graph input', graph().batchNorm('x'), /graph input x/],
    ['a sum of two branches', graph().node('Add', ['x', 'x'], ['s']).batchNorm('s'), /Add_s/],
    [
      'a concatenation',
      graph().conv().node('Concat', ['c', 'x'], ['s']).batchNorm('s'),
      /Concat_s/,
    ],
    ['a recurrent layer', graph().conv().node('LSTM', ['c', 'w'], ['s']).batchNorm('s'), /LSTM_s/],
    [
      'an activation behind another BatchNorm',
      graph()
        .conv()
        .batchNorm('c', 'n', { name: 'first' })
        .node('Relu', ['n'], ['r'])
        .batchNorm('r'),
      /Relu_r/,
    ],
    [
      'a product of two activations',
      graph().node('MatMul', ['x', 'x'], ['s']).batchNorm('s'),
      /MatMul_s/,
    ],
    ['nothing at all', graph().batchNorm('nowhere'), /undefined value nowhere/],
  ];
  for (const [origin, builder, message] of origins) {
    test(`is unpaired when it reads ${origin}`, () => {
      const last = pairing(builder).unpaired.at(-1);
      assert.equal(last?.bn, 'bn');
      assert.equal(last.reasons[0]?.code, 'NO_CONVOLUTION_BEFORE');
      assert.match(last.reasons[0].message, message);
    });
  }

  test('a BatchNorm in front of a convolution does not fold into it', () => {
    const preActivation = graph().batchNorm('x', 'n', { channels: 3 }).conv('n').output('c');
    const { pairs, unpaired } = pairing(preActivation);
    assert.equal(pairs.length, 0);
    assert.equal(unpaired.length, 1);
  });
});

describe('constants between', () => {
  const between = (
    opType: string,
    inputs: readonly string[],
    shape: readonly number[],
  ): GraphBuilder =>
    graph().conv().initializer('k', shape).node(opType, inputs, ['m']).batchNorm('m');

  for (const shape of [[], [1], [4, 1, 1], [1, 4, 1, 1], [1, 1, 1, 1]]) {
    test(`one value per channel or one for all folds along: [${shape.join(', ')}]`, () => {
      const pair = onlyPair(between('Mul', ['c', 'k'], shape));
      assertVerdict(pair, 'fusable', 'LOOKED_THROUGH');
      assert.equal(pair.between[0]?.operation, 'mul');
      assert.equal(pair.between[0].isConstantFirst, false);
    });
  }

  for (const shape of [[4], [3, 3], [8, 1, 1], [2, 4, 1, 1], [1, 1, 4, 1, 1], [4, 1, 3]]) {
    test(`a constant of shape [${shape.join(', ')}] means something else and blocks`, () => {
      assertVerdict(onlyPair(between('Add', ['c', 'k'], shape)), 'blocked', 'OPERATOR_BETWEEN');
    });
  }

  test('the constant may come first, except under a division', () => {
    const sub = onlyPair(between('Sub', ['k', 'c'], [4, 1, 1]));
    assertVerdict(sub, 'fusable', 'LOOKED_THROUGH');
    const [step] = sub.between;
    assert.ok(step && step.operation === 'sub' && step.isConstantFirst);
    assertVerdict(onlyPair(between('Div', ['c', 'k'], [])), 'fusable', 'LOOKED_THROUGH');
    assertVerdict(onlyPair(between('Div', ['k', 'c'], [])), 'blocked', 'OPERATOR_BETWEEN');
  });

  test('may come through an Identity', () => {
    const builder = graph().conv('x', 'a').initializer('k', [4, 1, 1]);
    builder.node('Identity', ['k'], ['same']).node('Mul', ['same', 'a'], ['c']).batchNorm();
    assertVerdict(onlyPair(builder), 'fusable', 'LOOKED_THROUGH');
  });

  test('stays where the code of the file stays', () => {
    const pair = onlyPair(between('Mul', ['c', 'k'], [4, 1, 1]), { format: 'torchscript' });
    assertVerdict(pair, 'blocked', 'LOOKED_THROUGH', 'OPERATOR_BETWEEN');
  });

  test('before opset 7 broadcasting goes by attributes', () => {
    const legacy = (attributes: Record<string, number>): GraphBuilder =>
      graph()
        .conv()
        .initializer('k', [4])
        .node('Mul', ['c', 'k'], ['m'], { attributes })
        .batchNorm('m', 'y', { attributes: { is_test: 1 } });
    const opset = 6;
    assertVerdict(
      onlyPair(legacy({ broadcast: 1, axis: 1 }), { opset }),
      'fusable',
      'LOOKED_THROUGH',
    );
    assertVerdict(onlyPair(legacy({ broadcast: 1 }), { opset }), 'blocked', 'OPERATOR_BETWEEN');
    assertVerdict(onlyPair(legacy({}), { opset }), 'blocked', 'OPERATOR_BETWEEN');
  });

  test('the policy bevfusion leaves them', () => {
    const pair = onlyPair(between('Mul', ['c', 'k'], []), { options: { policy: 'bevfusion' } });
    assertVerdict(pair, 'skipped', 'LOOKED_THROUGH', 'POLICY_BEVFUSION');
  });
});

describe('Dropout between', () => {
  const dropout = (inputs: readonly string[], outputs = ['d'], isTest?: number): GraphBuilder =>
    graph()
      .conv()
      .node('Dropout', inputs, outputs, {
        attributes: isTest === undefined ? {} : { is_test: isTest },
      })
      .batchNorm('d', 'y', { attributes: { is_test: 1 } });

  test('is nothing in inference', () => {
    assertVerdict(onlyPair(dropout(['c']), { opset: 10 }), 'fusable', 'LOOKED_THROUGH');
    assertVerdict(onlyPair(dropout(['c', '']), { opset: 13 }), 'fusable', 'LOOKED_THROUGH');
    const off = dropout(['c', '', 't']).initializer('t', [], { values: [0] });
    assertVerdict(onlyPair(off, { opset: 13 }), 'fusable', 'LOOKED_THROUGH');
    assertVerdict(onlyPair(dropout(['c'], ['d'], 1), { opset: 6 }), 'fusable', 'LOOKED_THROUGH');
  });

  test('blocks where it may drop or its mask is read', () => {
    const on = dropout(['c', '', 't']).initializer('t', [], { values: [1] });
    assertVerdict(onlyPair(on, { opset: 13 }), 'blocked', 'OPERATOR_BETWEEN');
    assertVerdict(onlyPair(dropout(['c']), { opset: 6 }), 'blocked', 'OPERATOR_BETWEEN');
    const masked = dropout(['c'], ['d', 'mask']).output('mask');
    assertVerdict(onlyPair(masked, { opset: 10 }), 'blocked', 'OPERATOR_BETWEEN');
  });
});

describe('pairs in other graphs', () => {
  test('a pair inside the body of an If is found, with weights of the graph around it', () => {
    const body = new GraphBuilder('If_z/then_branch', 'subgraph')
      .node('Conv', ['x', 'w'], ['c'], { name: 'conv' })
      .batchNorm()
      .output('y');
    const outer = graph().initializer('w', [4, 3, 3, 3]);
    outer.node('If', ['flag'], ['z'], { subgraphs: [body.graph()] });
    assertVerdict(onlyPair(outer), 'fusable');
  });

  test('a weight that main graph and subgraph use is shared', () => {
    const body = new GraphBuilder('If_z/then_branch', 'subgraph')
      .node('Conv', ['x', 'w'], ['t'], { name: 'inner' })
      .output('t');
    const pair = onlyPair(
      graph()
        .conv()
        .batchNorm()
        .node('If', ['flag'], ['z'], { subgraphs: [body.graph()] }),
    );
    assertVerdict(pair, 'fusable', 'SHARED_WEIGHT_COPIED');
    assert.equal(pair.copiesWeight, true);
  });

  test('a convolution outside that only a body reads is captured', () => {
    const body = new GraphBuilder('If_z/then_branch', 'subgraph').batchNorm().output('y');
    const pair = onlyPair(
      graph()
        .conv()
        .node('If', ['flag'], ['z'], { subgraphs: [body.graph()] }),
    );
    assertVerdict(pair, 'blocked', 'CONV_OUTPUT_CAPTURED');
  });
});
