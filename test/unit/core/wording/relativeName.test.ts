import assert from 'node:assert/strict';
import { test } from 'node:test';
import { relativeName } from '../../../../src/core/wording/relativeName';

test('leaves out the blocks two names share', () => {
  assert.equal(relativeName('layer1.0.bn1', 'layer1.0.conv1'), 'bn1');
  assert.equal(relativeName('layer1.0.downsample.1', 'layer1.0.downsample.0'), '1');
  assert.equal(
    relativeName('/features/bn/BatchNormalization', '/features/conv/Conv'),
    'bn/BatchNormalization',
  );
});

test('keeps a whole name when no block is shared', () => {
  assert.equal(relativeName('BatchNormalization_3', 'Conv_2'), 'BatchNormalization_3');
  assert.equal(relativeName('conv1_BN', 'conv1'), 'conv1_BN');
});
