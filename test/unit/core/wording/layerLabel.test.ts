import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerLabel } from '../../../../src/core/wording/layerLabel';

const labels = [
  ['/stage1/stage1.0/expand/expand.0/Conv', 'stage1.0/expand.0'],
  ['/conv1/Conv', 'conv1'],
  ['/Conv', 'Conv'],
  ['/layer1/layer10/Conv', 'layer1/layer10'],
  ['layer1.0.conv1', 'layer1.0.conv1'],
  ['block/conv1', 'block/conv1'],
] as const;

for (const [name, label] of labels) {
  test(`${name} is shown as ${label}`, () => {
    assert.equal(layerLabel(name, 'Conv'), label);
  });
}
