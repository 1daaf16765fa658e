import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchNormLabel } from '../../../../src/core/wording/batchNormLabel';

const labels = [
  ['layer1.0.conv1', 'layer1.0.bn1', 'bn1'],
  ['layer1.0.downsample.0', 'layer1.0.downsample.1', 'downsample.1'],
  ['/block/stem/stem.0/Conv', '/block/stem/stem.1/BatchNormalization', 'stem.1'],
  ['/context/Conv', '/context_bn/BatchNormalization', 'context_bn'],
  ['Conv_2', 'BatchNormalization_3', 'BatchNormalization_3'],
] as const;

for (const [conv, bn, label] of labels) {
  test(`beside ${conv}, ${bn} is called ${label}`, () => {
    const pair = {
      conv: { name: conv, type: 'Conv' },
      bn: { name: bn, type: 'BatchNormalization' },
    };
    assert.equal(batchNormLabel(pair), label);
  });
}
