import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lidar } from '../../../../support/bevfusionModules';
import { findModulePairs } from '../../../../../src/core/pairing/modules/findModulePairs';
import {
  batchNorm,
  moduleModel,
  moduleNetwork,
  type ModuleSketch,
} from '../../../../support/moduleNetwork';
import { defaultOptions, pairAt, pairsOf, summaryOf } from '../../../../support/modulePairing';

const layer = (at: string, weight: readonly number[], channels: number): ModuleSketch[] => [
  [`${at}.0`, { weight }],
  [`${at}.1`, batchNorm(channels)],
];

/** Layouts of all pairs, each once. */
const layoutsOf = (pairing: ReturnType<typeof pairsOf>): string[] => [
  ...new Set(pairing.pairs.map(({ conv }) => conv.layout)),
];

describe('layouts of sparse weights', () => {
  test('are found by the BatchNorm’s channels, and the evidence is said', () => {
    for (const [layout, axis, words] of [
      ['spconv1', '*IO', 'spconv 1'],
      ['spconv2', 'O*I', 'spconv 2'],
    ] as const) {
      const pairing = pairsOf(lidar('backbone', layout));
      assert.deepEqual(layoutsOf(pairing), [axis]);
      for (const { reasons } of pairing.pairs) {
        assert.deepEqual([reasons[0]?.code, reasons[0]?.args[0]], ['LAYOUT_FOUND', words]);
      }
    }
  });

  test('that a shape alone leaves open follow the rest of the file', () => {
    // [16, 3, 3, 3, 5] could be a dense kernel of 3×3×5 over 3 channels.
    const open = layer('input', [16, 3, 3, 3, 5], 16);
    const sparse = pairsOf([...open, ...layer('next', [32, 3, 3, 3, 16], 32)]);
    assert.equal(pairAt(sparse, 'input.0').conv.layout, 'O*I');
    const dense = pairsOf([...open, ...layer('next', [32, 16, 3, 3, 3], 32)]);
    assert.equal(pairAt(dense, 'input.0').conv.layout, 'OI*');
  });

  test('that a shape leaves open do not follow dense weights over another number of dimensions', () => {
    const images = layer('camera', [64, 32, 3, 3], 64);
    const narrow = layer('points', [8, 3, 3, 3, 8], 8);
    assert.equal(pairAt(pairsOf([...images, ...narrow]), 'points.0').conv.layout, 'O*I');
    const open = layer('points', [4, 3, 3, 4, 4], 4);
    assert.equal(pairAt(pairsOf([...images, ...open]), 'points.0').verdict, 'blocked');
  });

  test('that neither votes nor a cube tell follow the weights whose cubes told', () => {
    // [12, 1, 1, 3, 12] could be a dense kernel of 1×3×12 over one channel.
    const last = layer('out', [12, 1, 1, 3, 12], 12);
    assert.equal(pairAt(pairsOf(last), 'out.0').verdict, 'blocked');
    const cubes = [...layer('a', [8, 3, 3, 3, 5], 8), ...layer('b', [12, 3, 3, 3, 8], 12)];
    assert.equal(pairAt(pairsOf([...cubes, ...last]), 'out.0').conv.layout, 'O*I');
  });

  test('that channel counts below 8 leave open are chosen by --layout', () => {
    const open = layer('input', [4, 3, 3, 4, 4], 4);
    assert.deepEqual(summaryOf(pairsOf(open)), ['input.0 → input.1 blocked LAYOUT_AMBIGUOUS']);
    assert.deepEqual(layoutsOf(pairsOf(open, { layout: 'spconv1' })), ['*IO']);
    assert.deepEqual(layoutsOf(pairsOf(open, { layout: 'spconv2' })), ['O*I']);
  });

  test('that contradict one another within a file are not guessed', () => {
    const mixed = [...layer('a', [3, 3, 3, 16, 32], 32), ...layer('b', [64, 3, 3, 3, 32], 64)];
    assert.deepEqual(summaryOf(pairsOf(mixed)), [
      'a.0 → a.1 blocked LAYOUT_AMBIGUOUS',
      'b.0 → b.1 blocked LAYOUT_AMBIGUOUS',
    ]);
  });

  test('go by the version that mmdet3d keeps in the metadata', () => {
    const [conv, bn] = layer('input', [4, 3, 3, 4, 4], 4);
    assert.ok(conv !== undefined && bn !== undefined);
    const pairing = pairsOf([[conv[0], conv[1], { version: 2 }], bn]);
    assert.deepEqual(layoutsOf(pairing), ['O*I']);
    assert.match(pairAt(pairing, 'input.0').reasons[0]?.message ?? '', /version as 2/);
  });

  test('do not go by the version of a dense convolution that trains for quantization', () => {
    const pairing = pairsOf([
      ['conv1', { weight: [16, 3, 3, 3] }, { version: 2 }],
      ['conv1.bn', batchNorm(16)],
      ['conv1.weight_fake_quant', { scale: [16] }],
    ]);
    assert.deepEqual(layoutsOf(pairing), ['OI*']);
    assert.equal(pairAt(pairing, 'conv1').conv.type, 'Conv2d');
  });

  test('are told for two dimensions and for a kernel along one axis', () => {
    assert.deepEqual(layoutsOf(pairsOf(layer('a', [3, 3, 32, 64], 64))), ['*IO']);
    assert.deepEqual(layoutsOf(pairsOf(layer('a', [64, 3, 3, 32], 64))), ['O*I']);
    assert.deepEqual(layoutsOf(pairsOf(layer('a', [1, 1, 3, 128, 128], 128))), ['*IO']);
    assert.deepEqual(layoutsOf(pairsOf(layer('a', [128, 1, 1, 3, 128], 128))), ['O*I']);
  });

  test('go by shape, not by strides: NVIDIA’s fused files are permuted views', () => {
    const network = moduleNetwork(layer('a', [3, 3, 3, 16, 32], 32));
    const modules = network.modules.map((module) => {
      const tensors = [...module.tensors].map(([leaf, tensor]) => {
        const strides = tensor.shape.length === 5 ? [144, 48, 16, 1, 432] : tensor.strides;
        return [leaf, { ...tensor, strides }] as const;
      });
      return { ...module, tensors: new Map(tensors) };
    });
    const pairing = findModulePairs(moduleModel({ ...network, modules }), defaultOptions);
    assert.deepEqual(layoutsOf(pairing), ['*IO']);
    assert.deepEqual(pairing.pairs[0]?.conv.weight.strides, [144, 48, 16, 1, 432]);
  });

  test('dense Conv3d stays dense, and the policy bevfusion leaves it', () => {
    const pairing = pairsOf([
      ...layer('stem', [64, 3, 3, 7, 7], 64),
      ...layer('next', [64, 64, 3, 3, 3], 64),
      ...layer('temporal', [45, 3, 1, 7, 7], 45),
    ]);
    assert.deepEqual(layoutsOf(pairing), ['OI*']);
    assert.ok(
      pairing.pairs.every(({ verdict, conv }) => verdict === 'skipped' && conv.type === 'Conv3d'),
    );
  });

  test('SubM, strided, inverse and transposed sparse convolutions are all in by class', () => {
    for (const className of [
      'SubMConv3d',
      'SparseConv3d',
      'SparseInverseConv3d',
      'SparseConvTranspose3d',
      'SparseConvolutionQunat',
      'SparseConvolution',
    ]) {
      const [conv, bn] = layer('a', [3, 3, 3, 16, 32], 32);
      assert.ok(conv !== undefined && bn !== undefined);
      const pairing = pairsOf(
        [
          [conv[0], conv[1], { className }],
          [bn[0], bn[1], { className: 'BatchNorm1d' }],
        ],
        {},
        { evidence: 'modules' },
      );
      assert.deepEqual(summaryOf(pairing), ['a.0 → a.1 fusable'], className);
      assert.deepEqual(layoutsOf(pairing), ['*IO'], className);
    }
  });
});

describe('sparse convolutions with one tap (FOLDING.md 38)', () => {
  const others = layer('input', [32, 3, 3, 3, 16], 32);
  const point = layer('point', [32, 1, 1, 1, 32], 32);
  const told = (className: string, attributes: Record<string, number[]> = {}): string => {
    const [conv, bn] = point;
    assert.ok(conv !== undefined && bn !== undefined);
    const sketches: ModuleSketch[] = [
      ...others,
      [conv[0], conv[1], { className, attributes: new Map(Object.entries(attributes)) }],
      [bn[0], bn[1], { className: 'BatchNorm1d' }],
    ];
    const pair = pairAt(pairsOf(sketches, {}, { evidence: 'modules' }), 'point.0');
    return `${pair.verdict} ${pair.conv.layout}`;
  };

  test('are blocked in a state_dict of spconv 2 until someone decides', () => {
    assert.deepEqual(summaryOf(pairsOf([...others, ...point])), [
      'input.0 → input.1 fusable',
      'point.0 → point.1 blocked LAYOUT_1X1_AMBIGUOUS',
    ]);
    const chosen = pairAt(pairsOf([...others, ...point], { layout: 'spconv2' }), 'point.0');
    assert.deepEqual([chosen.verdict, chosen.conv.layout], ['fusable', 'IO-flat']);
  });

  test('have no trap in spconv 1', () => {
    const first = pairsOf([
      ...layer('input', [3, 3, 3, 16, 32], 32),
      ...layer('point', [1, 1, 1, 32, 32], 32),
    ]);
    assert.deepEqual(layoutsOf(first), ['*IO']);
    assert.ok(first.pairs.every(({ verdict }) => verdict === 'fusable'));
  });

  test('are flat when submanifold or of stride 1, and as they lie when strided', () => {
    assert.equal(told('SubMConv3d'), 'fusable IO-flat');
    assert.equal(told('SparseConv3d', { stride: [1, 1, 1] }), 'fusable IO-flat');
    assert.equal(told('SparseConv3d', { stride: [2, 2, 2] }), 'fusable O*I');
    assert.equal(told('SparseConv3d'), 'blocked IO-flat');
  });
});

describe('long oblong kernels', () => {
  const readingOf = (shape: readonly number[], channels: number): string[] => {
    const { pairs } = pairsOf([
      ['net.conv', { weight: shape }],
      ['net.bn', batchNorm(channels)],
    ]);
    return pairs.map(({ conv: { layout, kernel } }) => `${layout} ${kernel.join('×')}`);
  };

  test('over spectrograms are those of ordinary convolutions', () => {
    assert.deepEqual(readingOf([204, 1, 67, 7], 204), ['OI* 67×7']);
    assert.deepEqual(readingOf([64, 16, 7, 25], 64), ['OI* 7×25']);
  });

  test('are channels where the other extents are a sparse kernel’s', () => {
    assert.deepEqual(readingOf([32, 3, 3, 16], 32), ['O*I 3×3']);
    assert.deepEqual(readingOf([3, 3, 16, 32], 32), ['*IO 3×3']);
  });
});
