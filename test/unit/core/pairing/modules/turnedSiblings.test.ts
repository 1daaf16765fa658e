import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { batchNorm, type ModuleSketch } from '../../../../support/moduleNetwork';
import { pairsOf } from '../../../../support/modulePairing';

const conv = (path: string, ...weight: number[]): ModuleSketch => [path, { weight }];
const biased = (path: string, bias: number, ...weight: number[]): ModuleSketch => [
  path,
  { weight, bias: [bias] },
];
const bn = (path: string, channels: number): ModuleSketch => [path, batchNorm(channels)];

/** `name layout×groups verdict CODE` of every pair that folds under policy all. */
function readings(sketches: readonly ModuleSketch[], sorted = false): string[] {
  return pairsOf(sketches, { policy: 'all' }, { sorted }).pairs.map(
    ({ conv: { name, layout, groups }, verdict, reasons }) =>
      [`${name} ${layout}×${groups} ${verdict}`, ...reasons.map(({ code }) => code)].join(' '),
  );
}

describe('a grouped weight that fits a transposed convolution as well', () => {
  test('is that of a transposed one where a name says so', () => {
    // GTCRN: ConvTranspose2d(16, 16, (1, 5), groups=2) and ConvTranspose2d(16, 2, (1, 5)).
    const decoder = [
      biased('decoder.de_convs.3.conv', 16, 16, 8, 1, 5),
      bn('decoder.de_convs.3.bn', 16),
      biased('decoder.de_convs.4.conv', 2, 16, 2, 1, 5),
      bn('decoder.de_convs.4.bn', 2),
    ];
    for (const sorted of [false, true]) {
      assert.deepEqual(readings(decoder, sorted), [
        'decoder.de_convs.3.conv IO*×2 fusable',
        'decoder.de_convs.4.conv IO*×1 fusable',
      ]);
    }
  });

  test('is blocked where a name says only that it enlarges', () => {
    const sketches = [conv('decoder.0', 32, 16, 4, 4), bn('decoder.1', 32)];
    assert.deepEqual(readings(sketches), ['decoder.0 OI*×1 blocked TRANSPOSE_AMBIGUOUS']);
  });

  test('is blocked where its siblings are transposed', () => {
    const sketches = [
      biased('tail.0.conv', 16, 16, 8, 3, 3),
      bn('tail.0.bn', 16),
      biased('tail.1.conv', 4, 16, 4, 3, 3),
      bn('tail.1.bn', 4),
    ];
    assert.deepEqual(readings(sketches), [
      'tail.0.conv OI*×1 blocked TRANSPOSE_AMBIGUOUS',
      'tail.1.conv IO*×1 fusable',
    ]);
  });

  test('is that of an ordinary convolution where nothing speaks against it', () => {
    const sketches = [
      conv('layer1.0.conv2', 128, 4, 3, 3),
      bn('layer1.0.bn2', 128),
      conv('decoder.blocks.0.conv', 128, 64, 3, 3),
      bn('decoder.blocks.0.bn', 128),
    ];
    assert.deepEqual(readings(sketches), [
      'layer1.0.conv2 OI*×1 fusable',
      'decoder.blocks.0.conv OI*×1 fusable',
    ]);
  });

  test('inside is no word for de_conv', () => {
    const sketches = [conv('inside_conv', 32, 16, 3, 3), bn('inside_bn', 32)];
    assert.deepEqual(readings(sketches), ['inside_conv OI*×1 fusable']);
  });
});

describe('a square weight beside transposed ones', () => {
  const up = [biased('net.0.conv', 16, 32, 16, 3, 3), bn('net.0.bn', 16)];
  const square = [biased('net.1.conv', 16, 16, 16, 3, 3), bn('net.1.bn', 16)];

  test('of its name and kernel is left open', () => {
    assert.deepEqual(readings([...up, ...square]), [
      'net.0.conv IO*×1 fusable',
      'net.1.conv OI*×1 blocked TRANSPOSE_AMBIGUOUS',
    ]);
  });

  test('is ordinary where some of them are', () => {
    const down = [biased('net.2.conv', 24, 24, 16, 3, 3), bn('net.2.bn', 24)];
    assert.deepEqual(readings([...up, ...square, ...down])[1], 'net.1.conv OI*×1 fusable');
  });

  test('is ordinary where they have another kernel, or names of their own', () => {
    const other = [biased('net.1.conv', 16, 16, 16, 5, 5), bn('net.1.bn', 16)];
    assert.deepEqual(readings([...up, ...other])[1], 'net.1.conv OI*×1 fusable');
    // LinkNet's head: a transposed convolution and an ordinary one.
    const head = [
      biased('head.conv1.conv', 16, 32, 16, 3, 3),
      bn('head.conv1.bn', 16),
      biased('head.conv2.conv', 16, 16, 16, 3, 3),
      bn('head.conv2.bn', 16),
    ];
    assert.deepEqual(readings(head)[1], 'head.conv2.conv OI*×1 fusable');
  });
});
