import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConvLayer } from '../../../../../src/core/model/layer';
import { withLayout } from '../../../../../src/core/statistics/decision/layout';

const conv = (...shape: number[]): ConvLayer => ({
  name: 'conv',
  type: 'Conv2d',
  weight: { name: 'conv.weight', dtype: 'f32', shape, strides: [], location: { kind: 'absent' } },
  bias: null,
  layout: 'OI*',
  groups: 1,
  inChannels: shape[1] ?? 0,
  outChannels: shape[0] ?? 0,
  kernel: shape.slice(2),
});

test('turned around, a grouped weight keeps its channels and gets its groups', () => {
  const { type, layout, groups, inChannels, outChannels } = withLayout(conv(16, 8, 1, 5), 'IO*');
  assert.deepEqual(
    { type, layout, groups, inChannels, outChannels },
    { type: 'ConvTranspose2d', layout: 'IO*', groups: 2, inChannels: 16, outChannels: 16 },
  );
});

test('turned around, a square weight has one group', () => {
  const { groups, outChannels } = withLayout(conv(32, 32, 4, 4), 'IO*');
  assert.deepEqual({ groups, outChannels }, { groups: 1, outChannels: 32 });
});
