import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GraphNetwork } from '../../../../../src/core/model/network';
import { findGraphPairs } from '../../../../../src/core/pairing/graph/findGraphPairs';
import type { GraphBuilder } from '../../../../support/graphBuilder';
import { assertVerdict, graph, onlyPair, pairing } from '../../../../support/graphPairs';

describe('vectors of the BatchNorm', () => {
  test('that a node computes block', () => {
    const builder = graph().conv().node('Relu', ['x'], ['computed']);
    builder.node('BatchNormalization', ['c', 'computed', 'b', 'm', 'v'], ['y'], { name: 'bn' });
    for (const name of ['b', 'm', 'v']) builder.initializer(name, [4]);
    const pair = onlyPair(builder);
    assert.equal(pair.verdict, 'blocked');
    assert.equal(pair.reasons[0]?.code, 'PARAMETERS_NOT_CONSTANT');
    assert.match(pair.reasons[0].message, /scale/);
  });

  test('that are missing block', () => {
    const builder = graph()
      .conv()
      .initializer('s', [4])
      .node('BatchNormalization', ['c', 's'], ['y']);
    const missing = 'PARAMETERS_NOT_CONSTANT';
    assertVerdict(onlyPair(builder), 'blocked', missing, missing, missing);
  });

  test('may come from Constant nodes, through Identity', () => {
    const builder = graph().conv();
    for (const name of ['y.gamma', 'y.beta', 'y.mean', 'y.var']) {
      const constant = builder.tensor(`${name}.value`, [4]);
      builder.node('Constant', [], [`${name}.value`], { constant });
      builder.node('Identity', [`${name}.value`], [name]);
    }
    builder.node('BatchNormalization', ['c', 'y.gamma', 'y.beta', 'y.mean', 'y.var'], ['y']);
    const pair = onlyPair(builder);
    assertVerdict(pair, 'fusable');
    assert.equal(pair.bn.mean.name, 'y.mean.value');
  });

  test('do not come through an Identity of another domain', () => {
    const builder = graph().conv().initializer('m0', [4]);
    builder.node('Identity', ['m0'], ['m'], { domain: 'custom' });
    for (const name of ['s', 'b', 'v']) builder.initializer(name, [4]);
    builder.node('BatchNormalization', ['c', 's', 'b', 'm', 'v'], ['y']);
    assertVerdict(onlyPair(builder), 'blocked', 'PARAMETERS_NOT_CONSTANT');
  });

  test('of another shape than one value per channel block', () => {
    const builder = graph().conv().initializer('y.mean', [4, 1]).batchNorm();
    assertVerdict(onlyPair(builder), 'blocked', 'PARAMETER_SHAPE');
  });

  test('of another width than the convolution block', () => {
    const builder = graph().conv().batchNorm('c', 'y', { channels: 5 });
    assertVerdict(onlyPair(builder), 'blocked', 'CHANNELS_DIFFER');
  });

  test('may have another floating-point type than the weight, but no other type', () => {
    const doubles = graph().conv().initializer('y.var', [4], { dtype: 'f64' }).batchNorm();
    assertVerdict(onlyPair(doubles), 'fusable');
    const integers = graph().conv().initializer('y.var', [4], { dtype: 'i32' }).batchNorm();
    assertVerdict(onlyPair(integers), 'blocked', 'DTYPE_UNSUPPORTED');
  });

  test('may serve several BatchNorms', () => {
    const builder = graph().conv().batchNorm().initializer('w2', [4, 3, 1, 1]);
    builder.node('Conv', ['x', 'w2'], ['c2'], { name: 'conv2' });
    builder.node('BatchNormalization', ['c2', 'y.gamma', 'y.beta', 'y.mean', 'y.var'], ['y2']);
    for (const pair of pairing(builder).pairs) assertVerdict(pair, 'fusable');
  });
});

describe('initializers that are graph inputs', () => {
  const some = () => graph().conv().batchNorm().input('w', [4, 3, 3, 3]);
  const all = () => {
    const names = ['y.gamma', 'y.beta', 'y.mean', 'y.var'];
    return names.reduce((builder, name) => builder.input(name, [4]), some());
  };

  test('are constants before IR version 4', () => {
    assertVerdict(onlyPair(some(), { irVersion: 3 }), 'fusable');
    assertVerdict(onlyPair(all(), { irVersion: 3 }), 'fusable');
  });

  test('are defaults from IR version 4 on, so the pair waits for the user', () => {
    const pair = onlyPair(some(), { irVersion: 4 });
    assertVerdict(pair, 'blocked', 'PARAMETER_OVERRIDABLE');
    assert.match(pair.reasons[0]!.message, /override w:/);
  });

  test('are taken as constants where an exporter listed every one of them', () => {
    assertVerdict(onlyPair(all(), { irVersion: 4 }), 'fusable', 'INITIALIZERS_ARE_INPUTS');
  });
});

describe('weight and bias of the convolution', () => {
  const convOf = (weight: string, bias?: string) =>
    graph().node('Conv', bias === undefined ? ['x', weight] : ['x', weight, bias], ['c'], {
      name: 'conv',
    });

  test('a weight computed at run time blocks', () => {
    const builder = convOf('computed').node('Relu', ['x'], ['computed']).batchNorm();
    assertVerdict(onlyPair(builder), 'blocked', 'WEIGHT_NOT_CONSTANT');
  });

  test('a quantized weight is named as such', () => {
    const builder = convOf('dq').initializer('q', [4, 3, 3, 3], { dtype: 'i8' }).batchNorm();
    builder.initializer('s', []).node('DequantizeLinear', ['q', 's'], ['dq']);
    assertVerdict(onlyPair(builder), 'blocked', 'WEIGHT_QUANTIZED');
  });

  test('a quantized convolution is named as such', () => {
    const builder = graph().initializer('w', [4, 3, 3, 3], { dtype: 'i8' });
    builder.node('ConvInteger', ['x', 'w'], ['c']).batchNorm();
    assertVerdict(onlyPair(builder), 'blocked', 'WEIGHT_QUANTIZED');
  });

  test('an integer weight blocks', () => {
    const builder = convOf('w').initializer('w', [4, 3, 3, 3], { dtype: 'i32' }).batchNorm();
    assertVerdict(onlyPair(builder), 'blocked', 'DTYPE_UNSUPPORTED');
  });

  test('a bias computed at run time blocks', () => {
    const builder = convOf('w', 'b').initializer('w', [4, 3, 3, 3]).node('Relu', ['x'], ['b']);
    assertVerdict(onlyPair(builder.batchNorm()), 'blocked', 'BIAS_NOT_CONSTANT');
  });

  test('a bias that does not fit the channels blocks', () => {
    const builder = convOf('w', 'b').initializer('w', [4, 3, 3, 3]).initializer('b', [3]);
    assertVerdict(onlyPair(builder.batchNorm()), 'blocked', 'TENSOR_UNREADABLE');
  });

  test('a weight with another reader is copied', () => {
    const builder = graph().conv().batchNorm().node('Conv', ['x', 'w'], ['d'], { name: 'other' });
    const pair = onlyPair(builder);
    assertVerdict(pair, 'fusable', 'SHARED_WEIGHT_COPIED');
    assert.equal(pair.copiesWeight, true);
    assert.match(pair.reasons[0]!.message, /other/);
  });

  test('a weight that is the convolution’s own input too is copied', () => {
    const builder = graph().initializer('w', [4, 4, 3, 3]).node('Conv', ['w', 'w'], ['c']);
    assertVerdict(onlyPair(builder.batchNorm()), 'fusable', 'SHARED_WEIGHT_COPIED');
  });

  test('a weight shared behind an Identity is copied', () => {
    const builder = convOf('same').initializer('w', [4, 3, 3, 3]).node('Identity', ['w'], ['same']);
    builder.node('Conv', ['x', 'same'], ['d'], { name: 'other' }).batchNorm();
    const pair = onlyPair(builder);
    assertVerdict(pair, 'fusable', 'SHARED_WEIGHT_COPIED');
    assert.equal(pair.conv.weight.name, 'w');
  });

  test('a weight that is an output of the graph too is copied', () => {
    assert.equal(onlyPair(graph().conv().batchNorm().output('w')).copiesWeight, true);
  });

  test('a bias that is the BatchNorm’s beta is copied', () => {
    const builder = convOf('w', 'y.beta').initializer('w', [4, 3, 3, 3]).batchNorm();
    const pair = onlyPair(builder);
    assertVerdict(pair, 'fusable', 'SHARED_BIAS_COPIED');
    assert.equal(pair.copiesBias, true);
    assert.equal(pair.copiesWeight, false);
  });
});

describe('programs that keep their code', () => {
  const format = 'torchscript';

  test('cannot give a shared weight or bias a private copy', () => {
    const builder = graph().conv().batchNorm().node('Conv', ['x', 'w'], ['d'], { name: 'other' });
    const pair = onlyPair(builder, { format });
    assertVerdict(pair, 'blocked', 'SHARED_WEIGHT_TIED');
    assert.match(pair.reasons[0]!.message, /other/);
  });

  test('cannot make a BatchNorm neutral whose vectors serve another one', () => {
    const builder = graph().conv().batchNorm().node('Relu', ['y.mean'], ['z'], { name: 'reader' });
    const pair = onlyPair(builder, { format });
    assertVerdict(pair, 'blocked', 'BATCHNORM_SHARED');
    assert.match(pair.reasons[0]!.message, /mean.*reader/);
  });

  test('tie weights by their bytes, whatever the names', () => {
    const builder = graph().conv().batchNorm().initializer('twin', [4, 3, 3, 3]);
    const location = { kind: 'range', source: 0, offset: 64, length: 432 } as const;
    const model = builder.model({ format });
    const main = builder.graph();
    const initializers = new Map(main.initializers);
    for (const name of ['w', 'twin']) {
      initializers.set(name, { ...initializers.get(name)!, location });
    }
    const network = { ...model.network, graphs: [{ ...main, initializers }] } as GraphNetwork;
    const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
    const [pair] = findGraphPairs({ ...model, network }, options).pairs;
    assertVerdict(pair!, 'blocked', 'SHARED_WEIGHT_TIED');
    assert.match(pair!.reasons[0]!.message, /twin/);
  });

  const vectors = ['y.gamma', 'y.beta', 'y.mean', 'y.var'];
  const again = (name: string): GraphBuilder =>
    graph()
      .conv()
      .batchNorm()
      .node('Conv', ['x2', 'w'], ['c2'], { name: 'conv:2' })
      .node('BatchNormalization', ['c2', ...vectors], ['y2'], { name });

  test('5: fold once what is called twice, convolution and BatchNorm together', () => {
    const { pairs } = pairing(again('bn:2'), { format });
    assert.deepEqual(
      pairs.map(({ id, verdict }) => [id, verdict]),
      [
        ['conv', 'fusable'],
        ['conv:2', 'fusable'],
      ],
    );
  });

  test('5: leave a convolution that is called once more without its BatchNorm, or with another', () => {
    const alone = again('bn:2').node('Conv', ['x3', 'w'], ['c3'], { name: 'conv:3' });
    const other = again('bn:2')
      .node('Conv', ['x3', 'w'], ['c3'], { name: 'conv:3' })
      .batchNorm('c3', 'z', { name: 'other' });
    const branching = again('bn:2').node('Relu', ['c2'], ['r'], { name: 'reader' });
    for (const builder of [alone, other, branching]) {
      for (const { verdict, reasons } of pairing(builder, { format }).pairs) {
        assert.equal(verdict, 'blocked');
        const codes = reasons.map(({ code }) => code);
        assert.ok(codes.includes('SHARED_WEIGHT_TIED') || codes.includes('CONV_OUTPUT_REUSED'));
      }
    }
  });

  test('fold what is theirs alone', () => {
    assertVerdict(onlyPair(graph().conv().batchNorm(), { format }), 'fusable');
  });
});
