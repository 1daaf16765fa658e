import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lidar } from '../../../../support/bevfusionModules';
import { batchNorm, moduleNetwork, type ModuleSketch } from '../../../../support/moduleNetwork';
import { pairAt, pairsOf, summaryOf } from '../../../../support/modulePairing';

const listing = (...sketches: ModuleSketch[]) => moduleNetwork(sketches, { evidence: 'modules' });

const shown = (
  path: string,
  className: string,
  attributes: Record<string, number> = {},
): ModuleSketch => [path, {}, { className, attributes: new Map(Object.entries(attributes)) }];

describe('a structure listing given with a checkpoint', () => {
  test('finds its place below a prefix, and gives classes and eps', () => {
    const encoder = lidar('backbone', 'spconv1').map(([path, tensors]): ModuleSketch => {
      const isNorm = 'running_mean' in tensors;
      return shown(path, isNorm ? 'BatchNorm1d' : 'SubMConv3d', isNorm ? { eps: 0.002 } : {});
    });
    const checkpoint: ModuleSketch[] = [
      ['module.camera.conv1', { weight: [8, 3, 3, 3] }],
      ['module.camera.bn1', batchNorm(8)],
      ...lidar('module.encoders.lidar.backbone', 'spconv1'),
    ];
    const pairing = pairsOf(checkpoint, { structure: listing(...encoder) });
    const pair = pairAt(pairing, 'module.encoders.lidar.backbone.conv_input.0');
    assert.deepEqual(
      [pair.evidence, pair.conv.type, pair.bn.eps, pair.bn.epsSource],
      ['modules', 'SubMConv3d', 0.002, 'structure'],
    );
    assert.equal(pairAt(pairing, 'module.camera.conv1').evidence, 'names');
    assert.equal(pairing.pairs.length, 22);
  });

  test('shows an activation that a gap in the numbers hid', () => {
    const checkpoint: ModuleSketch[] = [
      ['0', { weight: [8, 3, 3, 3] }],
      ['2', batchNorm(8)],
    ];
    const between = (className: string): string[] =>
      summaryOf(
        pairsOf(checkpoint, {
          structure: listing(
            shown('', 'Sequential'),
            shown('0', 'Conv2d'),
            shown('1', className),
            shown('2', 'BatchNorm2d', { eps: 1e-5 }),
          ),
        }),
      );
    assert.deepEqual(between('ReLU'), ['0 → 2 blocked ACTIVATION_BETWEEN']);
    assert.deepEqual(between('Identity'), ['0 → 2 fusable']);
  });

  test('tells a transposed convolution whose weight is square', () => {
    const checkpoint: ModuleSketch[] = [
      ['x.0', { weight: [8, 8, 2, 2] }],
      ['x.1', batchNorm(8)],
    ];
    const structure = listing(
      shown('x.0', 'ConvTranspose2d'),
      shown('x.1', 'BatchNorm2d', { eps: 1e-5 }),
    );
    const [pair] = pairsOf(checkpoint, { structure, policy: 'all' }).pairs;
    assert.deepEqual([pair?.verdict, pair?.conv.layout], ['fusable', 'IO*']);
  });

  test('that shows other shapes is not used there, and said', () => {
    const structure = moduleNetwork(
      [
        ['x.0', { weight: [16, 3, 3, 3] }, { className: 'Conv2d' }],
        ['x.1', batchNorm(16), { className: 'BatchNorm2d', attributes: new Map([['eps', 0.5]]) }],
      ],
      { evidence: 'modules' },
    );
    const pairing = pairsOf(
      [
        ['x.0', { weight: [8, 3, 3, 3] }],
        ['x.1', batchNorm(8)],
      ],
      { structure },
    );
    assert.equal(pairing.pairs[0]?.bn.epsSource, 'default');
    assert.deepEqual(
      pairing.problems.map(({ layer }) => layer),
      ['x.0', 'x.1'],
    );
  });

  test('of another network is not used, and said', () => {
    const pairing = pairsOf(lidar('backbone', 'spconv1'), {
      structure: listing(shown('fc', 'Conv2d')),
    });
    assert.equal(pairing.problems.length, 1);
    assert.equal(pairing.pairs.length, 21);
  });
});
