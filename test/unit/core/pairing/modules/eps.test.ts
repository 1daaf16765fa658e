import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configEps } from '../../../../../src/core/pairing/modules/eps/configEps';
import { parsePythonConfig } from '../../../../../src/core/pairing/modules/eps/pythonConfig';
import { bevfusionModules } from '../../../../support/bevfusionModules';
import { knownNetworks } from '../../../../support/knownNetworks';
import { batchNorm, type ModuleSketch } from '../../../../support/moduleNetwork';
import { pairAt, pairsOf } from '../../../../support/modulePairing';

const config = `
# as mmcv prints it
model = dict(
    type='BEVFusion',
    encoders=dict(
        camera=dict(backbone=dict(type='ResNet', depth=50, norm_cfg=dict(type='BN', requires_grad=True))),
        lidar=dict(
            voxelize=dict(max_num_points=10, max_voxels=[120000, 160000]),
            backbone=dict(
                type='SparseEncoder',
                norm_cfg=dict(type='BN1d', eps=0.0025, momentum=0.01),
                encoder_paddings=((0, 0, 1), (0, 0, (1, 1, 0)))))),
    decoder={'backbone': {'type': 'SECOND'}, 'neck': {'type': 'SECONDFPN', 'norm_cfg': {'type': 'BN', 'eps': 1e-2}}})
log_config = dict(interval=50, hooks=[dict(type='TextLoggerHook')])
`;

describe('eps of a state_dict', () => {
  test('comes from the user first, by the longest prefix of the BatchNorm’s name', () => {
    const pairing = pairsOf(bevfusionModules('spconv1'), {
      eps: [
        { prefix: '', value: 0.1 },
        { prefix: 'encoders.lidar', value: 0.2 },
      ],
    });
    const eps = (id: string) => pairAt(pairing, id).bn;
    assert.deepEqual([eps('fuser.0').eps, eps('fuser.0').epsSource], [0.1, 'user']);
    assert.equal(eps('encoders.lidar.backbone.conv_out.0').eps, 0.2);
  });

  test('comes from the config’s norm_cfg of the part of the model, or its type’s default', () => {
    const pairing = pairsOf(bevfusionModules('spconv1'), {}, { config });
    const eps = (id: string): string => {
      const { bn } = pairAt(pairing, id);
      return `${bn.eps} ${bn.epsSource}`;
    };
    assert.equal(eps('encoders.camera.backbone.conv1'), '0.00001 config');
    assert.equal(eps('encoders.lidar.backbone.conv_input.0'), '0.0025 config');
    assert.equal(eps('decoder.backbone.blocks.0.0'), '0.001 config');
    assert.equal(eps('decoder.neck.deblocks.0.0'), '0.01 config');
    assert.equal(eps('fuser.0'), '0.00001 family');
  });

  test('follows known families, and is assumed for unknown names', () => {
    const layer: ModuleSketch[] = [
      ['conv', { weight: [8, 3, 3, 3] }],
      ['bn', batchNorm(8)],
    ];
    const under = (prefix: string): string => {
      const { bn } = pairAt(
        pairsOf(layer.map(([path, tensors]): ModuleSketch => [`${prefix}.${path}`, tensors])),
        `${prefix}.conv`,
      );
      return `${bn.eps} ${bn.epsSource}`;
    };
    assert.equal(under('backbone_2d.blocks'), '0.001 family');
    assert.equal(under('img_backbone.layer'), '0.00001 family');
    assert.equal(under('pts_middle_encoder.conv_input'), '0.001 family');
    assert.equal(under('something.else'), '0.00001 default');
  });

  test('of a known family is right for every BatchNorm of real networks but two', () => {
    // Two norms of timm's xception41p stand outside its separable stacks.
    const mistaken = [...knownNetworks('networks'), ...knownNetworks('more')].flatMap((network) => {
      const epsByNorm = new Map(network.pairs.map(([, bn, , eps]) => [bn, eps]));
      return pairsOf(network.modules)
        .pairs.filter(({ bn, verdict }) => bn.epsSource === 'family' && verdict !== 'blocked')
        .filter(({ bn }) => bn.eps !== (epsByNorm.get(bn.name) ?? bn.eps))
        .map(({ bn }) => `${network.source}.${network.name} ${bn.name} ${bn.eps}`);
    });
    assert.ok(mistaken.length <= 2, mistaken.join('\n'));
  });

  test('of torchvision’s networks is known from their names and shapes', () => {
    for (const network of [...knownNetworks('networks'), ...knownNetworks('more')]) {
      if (network.source !== 'torchvision') continue;
      const epsByNorm = new Map(network.pairs.map(([, bn, , eps]) => [bn, eps]));
      for (const { bn } of pairsOf(network.modules).pairs) {
        assert.equal(bn.eps, epsByNorm.get(bn.name) ?? bn.eps, `${network.name} ${bn.name}`);
      }
    }
  });
});

describe('eps of generators', () => {
  const conv = (path: string, ...weight: number[]): ModuleSketch => [path, { weight }];
  const epsOf = (sketches: readonly ModuleSketch[]): string[] =>
    pairsOf(sketches, { policy: 'all' }).pairs.map(
      ({ bn: { name, eps, epsSource, epsRival } }) => `${name} ${eps} ${epsSource} ${epsRival}`,
    );
  const dcgan = (start: string, ...widths: readonly [number, number]): ModuleSketch[] => [
    conv(start, 128 * 49, 100),
    ['conv_blocks.0', batchNorm(128)],
    conv('conv_blocks.2', widths[0], 128, 3, 3),
    ['conv_blocks.3', batchNorm(widths[0])],
    conv('conv_blocks.6', widths[1], widths[0], 3, 3),
    ['conv_blocks.7', batchNorm(widths[1])],
    conv('conv_blocks.9', 1, widths[1], 3, 3),
  ];

  test('of PyTorch-GAN is its 0.8, in front of which the first BatchNorm stands alone', () => {
    for (const start of ['l1.0', 'fc']) {
      assert.deepEqual(epsOf(dcgan(start, 128, 64)), [
        'conv_blocks.3 0.8 family undefined',
        'conv_blocks.7 0.8 family undefined',
      ]);
    }
    const lsgan = [
      conv('l1.0', 128 * 64, 100),
      conv('conv_blocks.1', 128, 128, 3, 3),
      ['conv_blocks.2', batchNorm(128)] as const,
      conv('conv_blocks.5', 64, 128, 3, 3),
      ['conv_blocks.6', batchNorm(64)] as const,
      conv('conv_blocks.8', 3, 64, 3, 3),
    ];
    assert.deepEqual(epsOf(lsgan), [
      'conv_blocks.2 0.8 family undefined',
      'conv_blocks.6 0.8 family undefined',
    ]);
  });

  test('of other names or widths is assumed, and 0.8 is named beside it', () => {
    assert.deepEqual(epsOf(dcgan('l1.0', 256, 64)), [
      'conv_blocks.3 0.00001 default 0.8',
      'conv_blocks.7 0.00001 default 0.8',
    ]);
    const linear = [
      conv('model.0', 128, 100),
      conv('model.2', 256, 128),
      ['model.3', batchNorm(256)] as const,
      conv('model.5', 784, 256),
    ];
    assert.deepEqual(epsOf(linear), ['model.3 0.00001 default 0.8']);
  });

  test('of no generator is the usual one', () => {
    // A classifier narrows: its linear layer stands behind the convolutions.
    const classifier = [
      conv('conv_blocks.0', 128, 3, 3, 3),
      ['conv_blocks.1', batchNorm(128)] as const,
      conv('fc', 10, 128),
    ];
    assert.deepEqual(epsOf(classifier), ['conv_blocks.1 0.00001 default undefined']);
  });
});

describe('the config’s text', () => {
  test('is read as data: dicts of both kinds, lists, numbers, and no calls', () => {
    const parsed = parsePythonConfig(
      'a = dict(b=[1, (2, 3)], c={"d": None})\nos.system("x")\ne = open(1)',
    );
    assert.deepEqual(
      parsed.get('a'),
      new Map<string, unknown>([
        ['b', ['1', ['2', '3']]],
        ['c', new Map([['d', 'None']])],
      ]),
    );
    assert.equal(parsed.get('e'), 'open');
  });

  test('that is broken, deep or no config at all gives nothing, and quickly', () => {
    for (const text of [
      '',
      'model = ',
      'model = dict(',
      'x'.repeat(1000),
      `model = ${'['.repeat(100_000)}`,
    ]) {
      assert.equal(configEps(text)('backbone.bn'), null);
    }
  });
});
