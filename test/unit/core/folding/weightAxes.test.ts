import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storageExtent, weightAxes } from '../../../../src/core/folding/weightAxes';
import type { WeightLayout } from '../../../../src/core/model/layer';
import { contiguousStrides, type Tensor } from '../../../../src/core/model/tensor';
import { places } from '../../../support/foldOracle';

function tensor(shape: readonly number[], strides = contiguousStrides(shape)): Tensor {
  return { name: 'w', dtype: 'f32', shape, strides, location: { kind: 'encoded' } };
}

/** Channel and reduction position of every element, by its place in storage. */
function map(weight: Tensor, layout: WeightLayout, groups = 1): string[] {
  const walk = weightAxes({ weight, layout, groups });
  assert.equal(walk.kind, 'axes');
  const found: string[] = [];
  for (const { storage, channel, reduction } of places(walk.axes)) {
    found[storage] = `${channel}:${reduction}`;
  }
  return found;
}

describe('where output channels lie', () => {
  test('dense: on axis 0', () => {
    assert.deepEqual(map(tensor([2, 3]), 'OI*'), ['0:0', '0:1', '0:2', '1:0', '1:1', '1:2']);
  });

  test('transposed with groups: axis 1 within each group of inputs', () => {
    // 4 inputs in 2 groups of 2, 3 outputs per group: input 2 begins group 1, whose outputs are 3 to 5.
    const found = map(tensor([4, 3, 1]), 'IO*', 2);
    assert.deepEqual(found.slice(0, 6), ['0:0', '1:0', '2:0', '0:1', '1:1', '2:1']);
    assert.deepEqual(found.slice(6), ['3:0', '4:0', '5:0', '3:1', '4:1', '5:1']);
  });

  test('spconv 1 and 2: positions count inputs first and taps second, as in a dense weight', () => {
    assert.deepEqual(map(tensor([2, 2, 2]), '*IO'), [
      '0:0',
      '1:0',
      '0:2',
      '1:2',
      '0:1',
      '1:1',
      '0:3',
      '1:3',
    ]);
    assert.deepEqual(map(tensor([2, 2, 2]), 'O*I'), [
      '0:0',
      '0:2',
      '0:1',
      '0:3',
      '1:0',
      '1:2',
      '1:1',
      '1:3',
    ]);
  });

  test('spconv 2 with one tap: the flat weight is [in, out], whatever its shape says', () => {
    assert.deepEqual(map(tensor([3, 1, 1, 1, 2]), 'IO-flat'), [
      '0:0',
      '1:0',
      '2:0',
      '0:1',
      '1:1',
      '2:1',
    ]);
  });

  test('channels_last: storage order follows the strides', () => {
    const dense = map(tensor([2, 2, 1, 2], [4, 1, 4, 2]), 'OI*');
    assert.deepEqual(dense, ['0:0', '0:2', '0:1', '0:3', '1:0', '1:2', '1:1', '1:3']);
  });
});

describe('weights no fold can be written into', () => {
  const refused = (weight: Tensor, layout: WeightLayout = 'OI*'): boolean =>
    weightAxes({ weight, layout, groups: 1 }).kind === 'refused';

  test('are those that use a stored element twice, by stride 0 or by overlap', () => {
    assert.equal(refused(tensor([4, 3], [0, 1])), true);
    assert.equal(refused(tensor([4, 3], [1, 1])), true);
    assert.equal(refused(tensor([4, 3], [2, 1])), true);
    assert.equal(refused(tensor([4, 1, 1], [1, 0, 0])), false);
  });

  test('are matrices of spconv that are no matrix in storage', () => {
    assert.equal(refused(tensor([3, 1, 2], [1, 3, 3]), 'IO-flat'), true);
  });

  test('are vectors', () => {
    assert.equal(refused(tensor([4])), true);
  });
});

test('the extent of a strided tensor ends behind its last element', () => {
  assert.equal(storageExtent(tensor([2, 3], [10, 2])), 15);
  assert.equal(storageExtent(tensor([])), 1);
  assert.equal(storageExtent(tensor([0, 3])), 0);
});
