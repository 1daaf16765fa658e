import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { batchNorm, type ModuleSketch } from '../../../../support/moduleNetwork';
import { pairsOf, summaryOf } from '../../../../support/modulePairing';

const conv = (path: string, ...weight: number[]): ModuleSketch => [path, { weight }];
const biased = (path: string, bias: number, ...weight: number[]): ModuleSketch => [
  path,
  { weight, bias: [bias] },
];
const bn = (path: string, channels: number): ModuleSketch => [path, batchNorm(channels)];
const prelu = (path: string): ModuleSketch => [path, { weight: [1] }];

const all = { policy: 'all' } as const;
const both = [false, true] as const;
const how = (sorted: boolean): string => (sorted ? 'sorted' : 'in order');

/** Pairs that are not blocked. */
function paired(sketches: readonly ModuleSketch[], sorted = false): string[] {
  return summaryOf(pairsOf(sketches, all, { sorted })).filter((line) => !line.includes('blocked'));
}

describe('names that tell layers apart', () => {
  for (const sorted of both) {
    test(`sizes of kernels do where all else is alike (${how(sorted)})`, () => {
      const pairs = paired(
        [
          conv('aspp.conv_1x1_1', 32, 64, 1, 1),
          bn('aspp.bn_conv_1x1_1', 32),
          conv('aspp.conv_3x3_1', 32, 64, 3, 3),
          bn('aspp.bn_conv_3x3_1', 32),
        ],
        sorted,
      );
      assert.deepEqual(pairs, [
        'aspp.conv_1x1_1 → aspp.bn_conv_1x1_1 fusable',
        'aspp.conv_3x3_1 → aspp.bn_conv_3x3_1 fusable',
      ]);
    });

    test(`a role glued to a word is read (${how(sorted)})`, () => {
      const pairs = paired(
        [conv('middleconv1', 32, 16, 3, 3), bn('middlenorm1', 32), conv('dwconv', 8, 1, 3, 3)],
        sorted,
      );
      assert.deepEqual(pairs, ['middleconv1 → middlenorm1 fusable']);
    });

    test(`a name that is merely alike needs channels in common (${how(sorted)})`, () => {
      const pairs = paired(
        [
          conv('block.conv_s2d', 256, 64, 2, 2),
          bn('block.bn_s2d', 256),
          conv('block.conv_pw', 128, 256, 1, 1),
          bn('block.bn2', 128),
        ],
        sorted,
      );
      assert.deepEqual(pairs.toSorted(), [
        'block.conv_pw → block.bn2 fusable',
        'block.conv_s2d → block.bn_s2d fusable',
      ]);
    });
  }

  test('norms that number their places go with the convolution in front of them', () => {
    const pairs = paired([
      conv('ffn.fc1', 64, 16, 1, 1),
      bn('ffn.norm1', 64),
      conv('ffn.dw3x3', 64, 1, 3, 3),
      bn('ffn.norm2', 64),
      conv('ffn.fc2', 16, 64, 1, 1),
      bn('ffn.norm3', 16),
    ]);
    assert.deepEqual(pairs, [
      'ffn.fc1 → ffn.norm1 fusable',
      'ffn.dw3x3 → ffn.norm2 fusable',
      'ffn.fc2 → ffn.norm3 fusable',
    ]);
  });

  test('so do norms in front of a turn of two convolutions, and of a classifier', () => {
    const eegnet = [
      conv('temporal_conv', 8, 1, 1, 64),
      bn('bn1', 8),
      conv('depthwise_conv', 16, 1, 9, 1),
      bn('bn2', 16),
      conv('separable_conv1', 16, 1, 1, 16),
      conv('separable_conv2', 16, 16, 1, 1),
      bn('bn3', 16),
      conv('fc', 3, 64),
    ];
    assert.deepEqual(paired(eegnet), [
      'temporal_conv → bn1 fusable',
      'depthwise_conv → bn2 fusable',
    ]);
  });

  test('norms that all have a convolution of their number do not number their places', () => {
    const pairs = paired([
      conv('conv1', 16, 3, 3, 3),
      bn('bn1', 16),
      conv('conv3', 16, 16, 1, 1),
      bn('bn2', 16),
      conv('conv2', 16, 16, 3, 3),
      bn('bn3', 16),
    ]);
    assert.ok(!pairs.includes('conv3 → bn2 fusable'), pairs.join());
  });

  test('of two norms behind one convolution none is taken for its own', () => {
    const pairs = paired([conv('conv', 16, 3, 3, 3), bn('bn1', 16), bn('bn2', 16)]);
    assert.deepEqual(pairs, []);
  });

  test('depthwise and pointwise convolutions go with norms of their places, without an order too', () => {
    const block = (at: string, outs: number): ModuleSketch[] => [
      conv(`${at}.depthwise`, 32, 1, 3, 3),
      bn(`${at}.bn1`, 32),
      conv(`${at}.pointwise`, outs, 32, 1, 1),
      bn(`${at}.bn2`, outs),
    ];
    const pairs = paired([...block('b.0', 64), ...block('b.1', 32)], true);
    assert.deepEqual(pairs, [
      'b.0.depthwise → b.0.bn1 fusable',
      'b.0.pointwise → b.0.bn2 fusable',
      'b.1.depthwise → b.1.bn1 fusable',
      'b.1.pointwise → b.1.bn2 fusable',
    ]);
  });

  test('without an order, a block with its own norm beside may be what runs in front of one', () => {
    const pairs = paired(
      [
        conv('dcm.filter_gen_conv', 32, 64, 1, 1),
        conv('dcm.input_redu_conv.conv', 32, 64, 1, 1),
        bn('dcm.input_redu_conv.bn', 32),
        bn('dcm.norm', 32),
      ],
      true,
    );
    assert.deepEqual(pairs, ['dcm.input_redu_conv.conv → dcm.input_redu_conv.bn fusable']);
  });
});

test('an activation with tensors in the norm’s own block may run in front of it where no order tells', () => {
  const norms = [bn('unit.adn.N', 16), prelu('unit.adn.A')];
  const first = conv('unit.conv', 16, 3, 3, 3);
  assert.deepEqual(paired([first, ...norms]), ['unit.conv → unit.adn.N fusable']);
  assert.deepEqual(paired([first, ...norms.toReversed()]), []);
  // Files sorted by dtype and name have the norm's counter in front of either.
  const unordered = pairsOf([...norms, first], all, { sorted: true });
  assert.deepEqual(summaryOf(unordered), []);
});

describe('lists of layers', () => {
  for (const sorted of both) {
    test(`lists of lists go by equal places (${how(sorted)})`, () => {
      const pairs = paired(
        [
          conv('conv_blocks.0.0', 16, 6, 1, 1),
          conv('conv_blocks.0.1', 32, 16, 1, 1),
          conv('conv_blocks.1.0', 16, 6, 1, 1),
          bn('bn_blocks.0.0', 16),
          bn('bn_blocks.0.1', 32),
          bn('bn_blocks.1.0', 16),
        ],
        sorted,
      );
      assert.deepEqual(pairs, [
        'conv_blocks.0.0 → bn_blocks.0.0 fusable',
        'conv_blocks.0.1 → bn_blocks.0.1 fusable',
        'conv_blocks.1.0 → bn_blocks.1.0 fusable',
      ]);
    });

    test(`a list called layers goes with one called norms (${how(sorted)})`, () => {
      const pairs = paired(
        [
          conv('net.layers.0.conv', 16, 3, 3, 3),
          conv('net.layers.1.conv', 32, 16, 3, 3),
          bn('net.norms.0', 16),
          bn('net.norms.1', 32),
        ],
        sorted,
      );
      assert.deepEqual(pairs, [
        'net.layers.0.conv → net.norms.0 fusable',
        'net.layers.1.conv → net.norms.1 fusable',
      ]);
    });
  }

  test('norms per level of one list of convolutions have no places in it', () => {
    const pairs = paired([
      conv('convs.0', 16, 8, 3, 3),
      conv('convs.1', 16, 16, 3, 3),
      bn('bns.0.0', 16),
      bn('bns.0.1', 16),
      bn('bns.1.0', 16),
      bn('bns.1.1', 16),
    ]);
    assert.deepEqual(pairs, []);
  });

  test('a list of activations registered between the two makes their pairs unproved', () => {
    const pairing = pairsOf([
      conv('convs.0', 8, 3, 3, 3),
      conv('convs.1', 16, 8, 3, 3),
      prelu('acts.0'),
      prelu('acts.1'),
      bn('bns.0', 8),
      bn('bns.1', 16),
    ]);
    assert.deepEqual(summaryOf(pairing), [
      'convs.0 → bns.0 blocked PAIR_UNPROVED',
      'convs.1 → bns.1 blocked PAIR_UNPROVED',
    ]);
  });
});

describe('channels against the order of registration', () => {
  test('convolutions registered in front of the norms that run before them are not paired', () => {
    const block = (at: string, ins: number, outs: number): ModuleSketch[] => [
      conv(`${at}.conv`, outs, ins, 3, 3),
      bn(`${at}.bn`, ins),
    ];
    const sketches = [...block('b.0', 16, 32), ...block('b.1', 32, 32), ...block('b.2', 32, 64)];
    for (const sorted of both) assert.deepEqual(paired(sketches, sorted), []);
  });

  test('norms registered first run behind their convolutions where all channels say so', () => {
    const pairs = paired([
      bn('bn1', 16),
      bn('bn2', 32),
      bn('bn3', 64),
      conv('conv1', 16, 3, 3, 3),
      conv('conv2', 32, 16, 3, 3),
      conv('conv3', 64, 32, 3, 3),
    ]);
    assert.deepEqual(pairs, ['conv1 → bn1 fusable', 'conv2 → bn2 fusable', 'conv3 → bn3 fusable']);
  });

  test('a pre-activation block of four units adds some up on the way: no shift', () => {
    const unit = (at: string, k: number, ins: number, outs: number): ModuleSketch[] => [
      bn(`${at}.bn${k}`, ins),
      conv(`${at}.conv${k}`, outs, ins, 3, 3),
    ];
    const block = (at: string, ins: number): ModuleSketch[] => [
      ...unit(at, 1, ins, 64),
      ...unit(at, 2, 64, 16),
      ...unit(at, 3, 16, 16),
      ...unit(at, 4, 16, 16),
    ];
    const sketches = [...block('d.0', 32), ...block('d.1', 48), ...block('d.2', 80)];
    for (const sorted of both) assert.deepEqual(paired(sketches, sorted), []);
  });

  test('weights that fit nothing, as those of routed experts, do not speak for convolutions', () => {
    const sketches = [
      conv('blocks.0.conv_pw', 96, 16, 1, 1),
      bn('blocks.0.bn1', 96),
      conv('blocks.1.conv_pw', 4, 6144),
      bn('blocks.1.bn1', 64),
    ];
    assert.deepEqual(paired(sketches), ['blocks.0.conv_pw → blocks.0.bn1 fusable']);
  });
});

describe('what a bias tells of a transposed convolution', () => {
  const layouts = (sketches: readonly ModuleSketch[], sorted = false): string[] =>
    pairsOf(sketches, all, { sorted }).pairs.map(
      ({ conv: { name, layout }, verdict }) => `${name} ${layout} ${verdict}`,
    );

  for (const sorted of both) {
    test(`its length is the number of channels that leave (${how(sorted)})`, () => {
      const up = [biased('head.conv', 32, 64, 32, 3, 3), bn('head.bn', 32)];
      assert.deepEqual(layouts(up, sorted), ['head.conv IO* fusable']);
    });
  }

  test('a bias that the norm has no room for speaks against the pair', () => {
    assert.deepEqual(paired([biased('b.conv', 64, 64, 32, 4, 4), bn('b.bn', 32)]), []);
  });

  test('groups that fit both ways are those of a transposed one where a name says so', () => {
    const sketches = [
      conv('head.deconv_layers.0', 144, 9, 4, 4),
      bn('head.deconv_layers.1', 144),
      conv('body.0', 144, 9, 3, 3),
      bn('body.1', 144),
    ];
    assert.deepEqual(layouts(sketches), ['head.deconv_layers.0 IO* fusable', 'body.0 OI* fusable']);
  });

  test('dec is short for decoder', () => {
    assert.deepEqual(layouts([conv('dec.0', 32, 32, 4, 4), bn('dec.1', 32)]), [
      'dec.0 IO* fusable',
    ]);
  });
});

describe('norms that say which kind of layer they follow', () => {
  const board = [
    conv('conv1', 64, 1, 3, 3),
    conv('conv2', 64, 64, 3, 3),
    bn('bn1', 64),
    bn('bn2', 64),
    conv('fc1', 128, 384),
    bn('fc_bn1', 128),
    conv('fc2', 64, 128),
    bn('fc_bn2', 64),
  ];

  for (const sorted of both) {
    test(`fc_bn1 goes with fc1, bn1 with conv1 (${how(sorted)})`, () => {
      const pairs = summaryOf(pairsOf(board, all, { sorted })).toSorted();
      assert.deepEqual(pairs, [
        'conv1 → bn1 fusable',
        'conv2 → bn2 fusable',
        'fc1 → fc_bn1 blocked RANK_UNKNOWN',
        'fc2 → fc_bn2 blocked RANK_UNKNOWN',
      ]);
    });
  }

  test('so does bn_fc1, and neither goes with a convolution where there is no such layer', () => {
    const named = [conv('fc1', 128, 384), bn('bn_fc1', 128)];
    assert.deepEqual(summaryOf(pairsOf(named, all)), ['fc1 → bn_fc1 blocked RANK_UNKNOWN']);
    for (const sorted of both) {
      assert.deepEqual(paired([conv('conv1', 64, 3, 3, 3), bn('fc_bn1', 64)], sorted), []);
    }
  });
});
