import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { batchNorm, type ModuleSketch } from '../../../../support/moduleNetwork';
import { pairAt, pairsOf, summaryOf } from '../../../../support/modulePairing';

const conv = (path: string, ...weight: number[]): ModuleSketch => [path, { weight }];
const bn = (path: string, channels: number): ModuleSketch => [path, batchNorm(channels)];
const classed = (sketch: ModuleSketch, className: string): ModuleSketch => [
  sketch[0],
  sketch[1],
  { className },
];
const plain = (path: string, className: string): ModuleSketch => [path, {}, { className }];

describe('traps of names and order (FOLDING.md 46 to 51)', () => {
  test('46: pairs conv1, conv2, bn1, bn2 by their numbers, not with the convolution in front', () => {
    const bottleneck = (at: string): ModuleSketch[] => [
      conv(`${at}.conv1`, 64, 256, 1, 1),
      conv(`${at}.conv2`, 64, 64, 3, 3),
      bn(`${at}.bn1`, 64),
      bn(`${at}.bn2`, 64),
      conv(`${at}.conv3`, 256, 64, 1, 1),
      bn(`${at}.bn3`, 256),
    ];
    const pairing = pairsOf([...bottleneck('layer1.0'), ...bottleneck('layer1.1')]);
    assert.deepEqual(summaryOf(pairing), [
      'layer1.0.conv1 → layer1.0.bn1 fusable',
      'layer1.0.conv2 → layer1.0.bn2 fusable',
      'layer1.0.conv3 → layer1.0.bn3 fusable',
      'layer1.1.conv1 → layer1.1.bn1 fusable',
      'layer1.1.conv2 → layer1.1.bn2 fusable',
      'layer1.1.conv3 → layer1.1.bn3 fusable',
    ]);
  });

  test('47: a ConvModule whose order puts the activation in front of the norm is blocked', () => {
    const block = (order: readonly string[]): ModuleSketch[] => [
      ['stem', {}, { className: 'ConvModule', attributes: new Map([['order', order]]) }],
      classed(conv('stem.conv', 16, 3, 3, 3), 'Conv2d'),
      classed(bn('stem.bn', 16), 'BatchNorm2d'),
      plain('stem.activate', 'ReLU'),
    ];
    const summary = (...order: string[]): string[] =>
      summaryOf(pairsOf(block(order), {}, { evidence: 'modules' }));
    assert.deepEqual(summary('conv', 'norm', 'act'), ['stem.conv → stem.bn fusable']);
    assert.deepEqual(summary('conv', 'act', 'norm'), [
      'stem.conv → stem.bn blocked ACTIVATION_BETWEEN',
    ]);
    assert.deepEqual(summary('norm', 'conv', 'act'), ['stem.conv → stem.bn blocked PAIR_UNPROVED']);
  });

  test('48: in a Sequential the nearest layer counts, though it be of another kind', () => {
    const pairing = pairsOf([
      conv('up.0', 32, 64, 3, 3),
      conv('up.1', 32, 32, 2, 2),
      bn('up.2', 32),
    ]);
    assert.deepEqual(summaryOf(pairing), ['up.1 → up.2 skipped POLICY_BEVFUSION']);
    assert.equal(pairAt(pairing, 'up.1').conv.type, 'ConvTranspose2d');
  });

  test('49: a BatchNorm that comes first has no convolution', () => {
    const pairing = pairsOf([bn('0', 3), conv('1', 16, 3, 3, 3), bn('2', 16)]);
    assert.deepEqual(summaryOf(pairing), ['1 → 2 fusable']);
    assert.deepEqual(
      pairing.unpaired.map((each) => each.bn),
      ['0'],
    );
  });

  test('50: lists side by side go by equal places, whatever the order of registration', () => {
    const interleaved = [
      conv('convs.0', 8, 8, 3, 3),
      conv('convs.1', 16, 8, 3, 3),
      bn('bns.0', 8),
      bn('bns.1', 16),
    ];
    assert.deepEqual(summaryOf(pairsOf(interleaved)), [
      'convs.0 → bns.0 fusable',
      'convs.1 → bns.1 fusable',
    ]);
  });

  test('a convolution with two BatchNorms is two blocked pairs with ids of their own', () => {
    const pairing = pairsOf([conv('a.conv', 8, 3, 3, 3), bn('a.bn', 8), bn('a.conv.norm', 8)]);
    assert.deepEqual(
      pairing.pairs.map(({ id, verdict }) => `${id} ${verdict}`),
      ['a.conv blocked', 'a.conv#a.conv.norm blocked'],
    );
    assert.ok(pairing.pairs.every(({ reasons }) => reasons.some((r) => r.code === 'CONV_REUSED')));
  });
});

describe('what may stand between a convolution and a BatchNorm', () => {
  test('a gap in a Sequential’s numbers hides a module without tensors: blocked', () => {
    const pairing = pairsOf([conv('stem.0', 16, 3, 7, 7), bn('stem.2', 16)]);
    assert.deepEqual(summaryOf(pairing), ['stem.0 → stem.2 blocked PAIR_UNPROVED']);
  });

  test('classes show what fills the gap', () => {
    const between = (className: string): string[] =>
      summaryOf(
        pairsOf(
          [
            plain('stem', 'Sequential'),
            classed(conv('stem.0', 16, 3, 7, 7), 'Conv2d'),
            plain('stem.1', className),
            classed(bn('stem.2', 16), 'BatchNorm2d'),
          ],
          {},
          { evidence: 'modules' },
        ),
      );
    assert.deepEqual(between('GELU'), ['stem.0 → stem.2 blocked ACTIVATION_BETWEEN']);
    assert.deepEqual(between('LeakyReLU'), ['stem.0 → stem.2 blocked ACTIVATION_BETWEEN']);
    assert.deepEqual(between('MaxPool2d'), ['stem.0 → stem.2 blocked OPERATOR_BETWEEN']);
    assert.deepEqual(between('Identity'), ['stem.0 → stem.2 fusable']);
    assert.deepEqual(between('Dropout2d'), ['stem.0 → stem.2 fusable']);
  });

  test('an activation registered between two layers of one name blocks them', () => {
    const pairing = pairsOf(
      [
        plain('block', 'Block'),
        classed(conv('block.conv1', 16, 8, 3, 3), 'Conv2d'),
        plain('block.relu1', 'ReLU'),
        classed(bn('block.bn1', 16), 'BatchNorm2d'),
      ],
      {},
      { evidence: 'modules' },
    );
    assert.deepEqual(summaryOf(pairing), ['block.conv1 → block.bn1 blocked ACTIVATION_BETWEEN']);
  });

  test('a layer with tensors that is registered between them makes the pair unproved', () => {
    const pairing = pairsOf([
      conv('block.conv1', 16, 8, 3, 3),
      ['block.prelu', { weight: [16] }],
      bn('block.bn1', 16),
    ]);
    assert.deepEqual(summaryOf(pairing), ['block.conv1 → block.bn1 blocked PAIR_UNPROVED']);
  });

  test('a sum in front of a BatchNorm named after no convolution is not taken for the last one', () => {
    const mixer = (at: string): ModuleSketch[] => [
      conv(`${at}.conv.c`, 48, 1, 3, 3),
      bn(`${at}.conv.bn`, 48),
      conv(`${at}.conv1`, 48, 1, 1, 1),
      bn(`${at}.bn`, 48),
    ];
    const pairing = pairsOf([...mixer('blocks.0'), ...mixer('blocks.1')]);
    assert.deepEqual(summaryOf(pairing), [
      'blocks.0.conv.c → blocks.0.conv.bn fusable',
      'blocks.0.conv1 → blocks.0.bn blocked PAIR_UNPROVED',
      'blocks.1.conv.c → blocks.1.conv.bn fusable',
      'blocks.1.conv1 → blocks.1.bn blocked PAIR_UNPROVED',
    ]);
  });
});

describe('pre-activation blocks', () => {
  const dense = (at: string, ins: number): ModuleSketch[] => [
    bn(`${at}.norm1`, ins),
    conv(`${at}.conv1`, 128, ins, 1, 1),
    bn(`${at}.norm2`, 128),
    conv(`${at}.conv2`, 32, 128, 3, 3),
  ];

  for (const sorted of [false, true]) {
    test(`pair a convolution with the next norm, never with its own (${sorted ? 'sorted' : 'in order'})`, () => {
      const pairing = pairsOf(
        [...dense('layers.0', 64), ...dense('layers.1', 96), ...dense('layers.2', 128)],
        {},
        { sorted },
      );
      assert.deepEqual(summaryOf(pairing), [
        'layers.0.conv1 → layers.0.norm2 fusable',
        'layers.1.conv1 → layers.1.norm2 fusable',
        'layers.2.conv1 → layers.2.norm2 fusable',
      ]);
      assert.deepEqual(
        pairing.unpaired.map(({ bn: name, reasons }) => `${name} ${reasons[0]?.code ?? ''}`),
        ['layers.0.norm1', 'layers.1.norm1', 'layers.2.norm1'].map(
          (name) => `${name} NORM_BEFORE_CONV`,
        ),
      );
    });
  }

  test('one block whose channels deny a pattern denies it for all of them', () => {
    // Alone, layers.1 would fit both ways: 64 channels in, 64 out.
    const block = (at: string, ins: number): ModuleSketch[] => [
      bn(`${at}.norm1`, ins),
      conv(`${at}.conv1`, 64, ins, 3, 3),
    ];
    const pairing = pairsOf([...block('layers.0', 32), ...block('layers.1', 64)]);
    assert.deepEqual(summaryOf(pairing), []);
    assert.equal(pairing.unpaired.length, 2);
  });

  test('blocks that fit both ways are blocked, not guessed', () => {
    const block = (at: string): ModuleSketch[] => [
      bn(`${at}.norm1`, 64),
      conv(`${at}.conv1`, 64, 64, 3, 3),
    ];
    const pairing = pairsOf([...block('layers.0'), ...block('layers.1')]);
    assert.deepEqual(summaryOf(pairing), [
      'layers.0.conv1 → layers.0.norm1 blocked PAIR_UNPROVED',
      'layers.1.conv1 → layers.1.norm1 blocked PAIR_UNPROVED',
    ]);
  });

  test('a gate between a convolution and the next norm is seen where there is an order', () => {
    const block = (at: string, ins: number): ModuleSketch[] => [
      bn(`${at}.norm1`, ins),
      conv(`${at}.conv1`, 128, ins, 1, 1),
      conv(`${at}.se.fc1`, 8, 128, 1, 1),
      conv(`${at}.se.fc2`, 128, 8, 1, 1),
      bn(`${at}.norm2`, 128),
      conv(`${at}.conv2`, 256, 128, 1, 1),
    ];
    const pairing = pairsOf([...block('s.0', 32), ...block('s.1', 256)]);
    assert.deepEqual(summaryOf(pairing), []);
  });
});

describe('layers that look like what they are not', () => {
  test('the offsets’ convolution of a deformable one is not the convolution of its BatchNorm', () => {
    const pairing = pairsOf([
      conv('layer.conv1', 64, 256, 1, 1),
      bn('layer.bn1', 64),
      conv('layer.conv2', 64, 64, 3, 3),
      ['layer.conv2.conv_offset', { weight: [27, 64, 3, 3], bias: [27] }],
      bn('layer.bn2', 64),
    ]);
    assert.deepEqual(summaryOf(pairing), [
      'layer.conv1 → layer.bn1 fusable',
      'layer.conv2 → layer.bn2 fusable',
    ]);
  });

  test('weights that are computed from others are blocked', () => {
    const weights: readonly (readonly [string, ModuleSketch[]])[] = [
      ['weight_norm', [['a.conv', { bias: [8], weight_g: [8, 1, 1, 1], weight_v: [8, 3, 3, 3] }]]],
      [
        'spectral_norm',
        [['a.conv', { bias: [8], weight_orig: [8, 3, 3, 3], weight_u: [8], weight_v: [27] }]],
      ],
      [
        'a parametrization',
        [['a.conv.parametrizations.weight', { original0: [8, 1, 1, 1], original1: [8, 3, 3, 3] }]],
      ],
    ];
    for (const [by, sketches] of weights) {
      const pairing = pairsOf([...sketches, bn('a.bn', 8)]);
      assert.deepEqual(summaryOf(pairing), ['a.conv → a.bn blocked REPARAMETRIZED']);
      assert.equal(pairing.pairs[0]?.reasons[0]?.args[1], by);
    }
  });

  test('InstanceNorm, GroupNorm and LayerNorm are not BatchNorms', () => {
    for (const className of ['InstanceNorm2d', 'GroupNorm', 'LayerNorm']) {
      const pairing = pairsOf(
        [classed(conv('a.conv', 8, 3, 3, 3), 'Conv2d'), classed(bn('a.norm', 8), className)],
        {},
        { evidence: 'modules' },
      );
      assert.deepEqual(pairing, { pairs: [], unpaired: [], problems: [] }, className);
    }
  });

  test('an InstanceNorm of old, with running statistics, is known by its name only: blocked', () => {
    const pairing = pairsOf([
      conv('a.conv1', 8, 3, 3, 3),
      bn('a.in1', 8),
      conv('a.out', 4, 8, 1, 1),
    ]);
    assert.deepEqual(summaryOf(pairing), ['a.conv1 → a.in1 blocked PAIR_UNPROVED']);
  });

  test('BatchNorms under other names and classes are BatchNorms', () => {
    for (const className of [
      'SyncBatchNorm',
      'NaiveSyncBatchNorm2d',
      'FrozenBatchNorm2d',
      'BatchNormAct2d',
    ]) {
      const pairing = pairsOf(
        [classed(conv('a.conv', 8, 3, 3, 3), 'Conv2d'), classed(bn('a.norm', 8), className)],
        {},
        { evidence: 'modules' },
      );
      assert.deepEqual(summaryOf(pairing), ['a.conv → a.norm fusable']);
      assert.equal(pairing.pairs[0]?.bn.type, className);
    }
  });

  test('a norm without running statistics has none to fold, and may be no BatchNorm', () => {
    const pairing = pairsOf([conv('a.conv', 8, 3, 3, 3), ['a.bn', { weight: [8], bias: [8] }]]);
    assert.deepEqual(summaryOf(pairing), []);
    const [found] = pairing.unpaired[0]?.reasons ?? [];
    assert.equal(found?.code, 'STATISTICS_MISSING');
    assert.match(found.message, /track_running_stats=False.*GroupNorm, LayerNorm or InstanceNorm/);
  });

  test('a BatchNorm without affine parameters and one of detectron2 inside its convolution fold', () => {
    const pairing = pairsOf([
      conv('stem.conv1', 64, 3, 7, 7),
      ['stem.conv1.norm', { weight: [64], bias: [64], running_mean: [64], running_var: [64] }],
      conv('res2.conv', 64, 64, 3, 3),
      ['res2.bn', { running_mean: [64], running_var: [64], num_batches_tracked: ['int64'] }],
    ]);
    assert.deepEqual(summaryOf(pairing), [
      'stem.conv1 → stem.conv1.norm fusable',
      'res2.conv → res2.bn fusable',
    ]);
    assert.equal(pairAt(pairing, 'res2.conv').bn.gamma, null);
  });

  test('a linear layer’s features may be on another axis than the BatchNorm’s, unless a Sequential joins them', () => {
    const byName = pairsOf([conv('mlp.0', 64, 32), bn('mlp.1', 64)], { policy: 'all' });
    assert.deepEqual(summaryOf(byName), ['mlp.0 → mlp.1 blocked RANK_UNKNOWN']);
    const bySequence = pairsOf(
      [
        plain('mlp', 'Sequential'),
        classed(conv('mlp.0', 64, 32), 'Linear'),
        classed(bn('mlp.1', 64), 'BatchNorm1d'),
      ],
      { policy: 'all' },
      { evidence: 'modules' },
    );
    assert.deepEqual(summaryOf(bySequence), ['mlp.0 → mlp.1 fusable']);
  });

  test('integer weights are a reason on the pair, not on the file', () => {
    const pairing = pairsOf([['a.conv', { weight: ['uint8', 8, 3, 3, 3] }], bn('a.bn', 8)]);
    assert.deepEqual(summaryOf(pairing), ['a.conv → a.bn blocked DTYPE_UNSUPPORTED']);
  });

  test('channels that differ in a Sequential are said', () => {
    const pairing = pairsOf([conv('a.0', 12, 5, 3, 3), bn('a.1', 8)]);
    assert.deepEqual(summaryOf(pairing), ['a.0 → a.1 blocked CHANNELS_DIFFER']);
  });
});

describe('transposed convolutions without a class', () => {
  const kind = (path: string, ...weight: number[]): string => {
    const at = weight[1] ?? 0;
    const pairing = pairsOf([conv(`${path}.0`, ...weight), bn(`${path}.1`, at)], { policy: 'all' });
    const [pair] = pairing.pairs;
    return `${pair?.conv.type ?? ''} ${pair?.verdict ?? ''} ${pair?.conv.layout ?? ''}`;
  };

  test('are told by a shape that fits no other way', () => {
    assert.equal(kind('decode', 64, 32, 4, 4), 'ConvTranspose2d fusable IO*');
  });

  test('are told by their names where the weight is square', () => {
    assert.equal(kind('deblocks.1', 32, 32, 2, 2), 'ConvTranspose2d fusable IO*');
    assert.equal(kind('upsample', 32, 32, 4, 4), 'ConvTranspose2d fusable IO*');
    assert.equal(kind('deconv', 32, 32, 3, 3), 'ConvTranspose2d fusable IO*');
    assert.equal(kind('downsample', 32, 32, 2, 2), 'Conv2d fusable OI*');
    assert.equal(kind('layer', 32, 32, 3, 3), 'Conv2d fusable OI*');
  });

  test('are asked about where neither tells: the axis decides what is scaled', () => {
    const pairing = pairsOf([conv('x.0', 32, 32, 2, 2), bn('x.1', 32)]);
    assert.deepEqual(summaryOf(pairing), ['x.0 → x.1 blocked TRANSPOSE_AMBIGUOUS']);
  });

  test('with groups have as many as the channels say', () => {
    const [pair] = pairsOf([conv('deconv.0', 12, 8, 4, 4), bn('deconv.1', 24)], {
      policy: 'all',
    }).pairs;
    assert.deepEqual(
      [pair?.conv.groups, pair?.conv.inChannels, pair?.conv.outChannels],
      [3, 12, 24],
    );
  });
});
