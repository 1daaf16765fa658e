import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { batchNorm, type ModuleSketch } from '../../../../support/moduleNetwork';
import { pairsOf, summaryOf } from '../../../../support/modulePairing';

const conv = (path: string, ...weight: number[]): ModuleSketch => [path, { weight }];
const bn = (path: string, channels: number): ModuleSketch => [path, batchNorm(channels)];
const classed = (sketch: ModuleSketch, className: string): ModuleSketch => [
  sketch[0],
  sketch[1],
  { className },
];
const plain = (path: string, className: string): ModuleSketch => [path, {}, { className }];

describe('sparse sequences and blocks (FOLDING.md 40 to 43)', () => {
  const sparse = (path: string, className = 'SubMConv3d'): ModuleSketch =>
    classed(conv(path, 3, 3, 3, 16, 32), className);
  const norm = (path: string): ModuleSketch => classed(bn(path, 32), 'BatchNorm1d');
  const sequence = (...children: ((path: string) => ModuleSketch)[]): string[] =>
    summaryOf(
      pairsOf(
        [plain('s', 'SparseSequential'), ...children.map((child, idx) => child(`s.${idx}`))],
        {},
        { evidence: 'modules' },
      ),
    );
  const relu = (path: string): ModuleSketch => plain(path, 'ReLU');

  test('43: a SparseSequential folds by its order, however many children it has', () => {
    assert.deepEqual(sequence(sparse, norm, relu), ['s.0 → s.1 fusable']);
    assert.deepEqual(sequence(sparse, norm), ['s.0 → s.1 fusable']);
    assert.deepEqual(sequence(relu, sparse, norm), ['s.1 → s.2 fusable']);
    assert.deepEqual(sequence(sparse, norm, relu, sparse, norm, relu), [
      's.0 → s.1 fusable',
      's.3 → s.4 fusable',
    ]);
    assert.deepEqual(sequence(sparse, relu, norm), ['s.0 → s.2 blocked ACTIVATION_BETWEEN']);
    assert.deepEqual(sequence(norm, sparse, relu), []);
  });

  test('40: inverse and transposed sparse convolutions fold as submanifold ones do', () => {
    for (const className of ['SparseInverseConv3d', 'SparseConvTranspose3d', 'SparseConv3d']) {
      const pairs = sequence((path) => sparse(path, className), norm);
      assert.deepEqual(pairs, ['s.0 → s.1 fusable'], className);
    }
  });

  test('41 and 42: a SparseBasicBlock has two pairs, with BatchNorms over rows of features', () => {
    const block: ModuleSketch[] = [
      ['b.conv1', { weight: [3, 3, 3, 32, 32] }],
      bn('b.bn1', 32),
      ['b.conv2', { weight: [3, 3, 3, 32, 32] }],
      bn('b.bn2', 32),
      ['next.0', { weight: [3, 3, 3, 32, 64] }],
      bn('next.1', 64),
    ];
    const pairing = pairsOf(block);
    assert.deepEqual(summaryOf(pairing), [
      'b.conv1 → b.bn1 fusable',
      'b.conv2 → b.bn2 fusable',
      'next.0 → next.1 fusable',
    ]);
    assert.ok(pairing.pairs.every((pair) => pair.bn.type === 'BatchNorm1d'));
  });
});
