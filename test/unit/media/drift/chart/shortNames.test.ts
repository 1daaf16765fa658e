import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortNames } from '../../../../../media/drift/chart/shortNames';

test('what all names begin or end with is left out', () => {
  const names = ['/stem/stem.0/Conv', '/neck/lateral.0/Conv', '/head/Conv'];
  assert.deepEqual(shortNames(names), ['stem.0', 'neck/lateral.0', 'head']);
});

test('a long name keeps its end', () => {
  const [name = ''] = shortNames(['encoders.lidar.backbone.conv_input.0', 'decoder.blocks.0.1']);
  assert.equal(name.length, 18);
  assert.match(name, /^….*conv_input\.0$/);
});

test('a single name, equal names and names without dots stay readable', () => {
  assert.deepEqual(shortNames(['layer1.conv']), ['layer1.conv']);
  assert.deepEqual(shortNames(['conv', 'conv']), ['conv', 'conv']);
  assert.deepEqual(shortNames(['a.b', 'a']), ['a.b', 'a']);
  assert.deepEqual(shortNames([]), []);
});
