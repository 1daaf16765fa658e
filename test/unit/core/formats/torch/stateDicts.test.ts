import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { decodeUtf8 } from '../../../../../src/core/bytes/utf8';
import type { ModuleNetwork } from '../../../../../src/core/model/network';
import {
  expected,
  fuse,
  openBytes,
  renamed,
  tensorValues,
  torchFixture,
} from '../../../../support/torchFixtures';
import { moduleOf } from '../../../../support/torchPair';

const containers = [
  'zip.pth',
  'zip-protocol1.pth',
  'zip-protocol3.pth',
  'zip-protocol4.pth',
  'zip-protocol5.pth',
  'legacy.pth',
  'legacy-protocol4.pth',
  'channels-last.pth',
  'one-storage.pth',
  'parameters.pth',
  'mmcv.pth',
];

suite('state_dicts of every container', () => {
  for (const name of containers) {
    test(`${name}: reads every tensor in the order of its keys`, () => {
      const model = openBytes(torchFixture(name));
      assert.equal(model.format, name.startsWith('legacy') ? 'torch-legacy' : 'torch-zip');
      assert.deepEqual(tensorValues(model), expected.original);
    });

    test(`${name}: folds to the tensors of a float64 reference, key by key`, () => {
      const fused = fuse(openBytes(torchFixture(name)), expected.pairs, 'fold');
      assert.deepEqual(tensorValues(openBytes(fused)), expected.fold);
    });

    test(`${name}: keeps every key in drop-in mode and makes folded BatchNorms neutral`, () => {
      const fused = fuse(openBytes(torchFixture(name)), expected.pairs, 'drop-in');
      assert.deepEqual(tensorValues(openBytes(fused)), expected.dropIn);
    });

    test(`${name}: folds one pair and leaves the others alone`, () => {
      const [first] = expected.pairs;
      const fused = fuse(openBytes(torchFixture(name)), [first!], 'fold');
      const names = expected.fold.map((tensor) => tensor.name);
      const values = tensorValues(openBytes(fused));
      assert.ok(values.some((tensor) => tensor.name === 'conv1.bias'));
      for (const tensor of values) {
        const isFolded = tensor.name.startsWith('conv1.');
        const from = isFolded ? expected.fold : expected.original;
        assert.deepEqual(tensor, from[from.findIndex((other) => other.name === tensor.name)]);
      }
      assert.equal(values.length, expected.original.length - 5 + 1, names.join());
    });
  }
});

suite('wrappers of state_dicts', () => {
  test('keeps the prefix that DataParallel gives', () => {
    const model = openBytes(torchFixture('data-parallel.pth'));
    assert.deepEqual(tensorValues(model), renamed(expected.original, 'module.'));
    const fused = fuse(model, renamed(expected.pairs, 'module.'), 'fold');
    assert.deepEqual(tensorValues(openBytes(fused)), renamed(expected.fold, 'module.'));
  });

  test('finds the network of a Lightning checkpoint and nothing else', () => {
    const model = openBytes(torchFixture('lightning.ckpt'));
    assert.deepEqual(tensorValues(model), renamed(expected.original, 'model.'));
    const fused = fuse(model, renamed(expected.pairs, 'model.'), 'fold');
    assert.deepEqual(tensorValues(openBytes(fused)), renamed(expected.fold, 'model.'));
  });

  test('puts the main state_dict first and the name of a second one in front of its paths', () => {
    const model = openBytes(torchFixture('two-dicts.pth'));
    const { modules } = model.network as ModuleNetwork;
    assert.deepEqual([...new Set(modules.map(({ dict }) => dict))], ['', 'ema']);
    const pairs = [...expected.pairs, ...renamed(expected.pairs, 'ema.')];
    const fused = tensorValues(openBytes(fuse(model, pairs, 'fold')));
    assert.deepEqual(fused.slice(0, expected.fold.length), expected.fold);
    const names = renamed(expected.fold, 'ema.').map(({ name }) => name);
    assert.deepEqual(
      fused.slice(expected.fold.length).map(({ name }) => name),
      names,
    );
  });

  test('reads the configuration and versions that mmcv and PyTorch keep beside the tensors', () => {
    const model = openBytes(torchFixture('mmcv.pth'));
    const network = model.network as ModuleNetwork;
    assert.match(network.config ?? '', /eps=0\.001/);
    assert.equal(model.producer, 'mmcv 1.4.0');
    assert.equal(moduleOf(model, 'bn1').version, 2);
    assert.equal(moduleOf(model, 'conv1').version, 1);
  });
});

suite('what a fold does not touch', () => {
  test('an optimizer, the metadata and other notes stay byte for byte', () => {
    const original = decodeUtf8(torchFixture('mmcv.pth'));
    const fused = decodeUtf8(fuse(openBytes(torchFixture('mmcv.pth')), expected.pairs, 'fold'));
    for (const text of ['_metadata', 'norm_cfg', 'param_groups', 'CLASSES', 'bn1']) {
      assert.equal(fused.split(text).length > 1, original.split(text).length > 1, text);
    }
  });
});
