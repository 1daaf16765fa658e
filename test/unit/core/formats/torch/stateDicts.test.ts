import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { foldPair } from '../../../../../src/core/folding/foldPair';
import { readZip } from '../../../../../src/core/formats/zip/readZip';
import { readZipEntry } from '../../../../../src/core/formats/zip/zipContent';
import type { ModuleNetwork } from '../../../../../src/core/model/network';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import { findPairs } from '../../../../../src/core/pairing/findPairs';
import { executePlan } from '../../../../support/executePlan';
import {
  expected,
  fuse,
  openBytes,
  renamed,
  tensorValues,
  torchFixture,
} from '../../../../support/torchFixtures';
import { moduleOf, tensorsOf } from '../../../../support/torchPair';

const containers = [
  'zip.pth',
  'zip-protocol1.pth',
  'zip-protocol3.pth',
  'zip-protocol4.pth',
  'zip-protocol5.pth',
  'legacy.pth',
  'legacy-protocol4.pth',
  'legacy-python2.pth',
  'legacy-pairs.pth',
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

  test('reads versions that Python 2 has written as lists of pairs', () => {
    const model = openBytes(torchFixture('legacy-python2.pth'));
    assert.equal(moduleOf(model, 'bn1').version, 2);
  });
});

suite('quantizers', () => {
  test('a range per channel grows with its channel, every other one stays', () => {
    const model = openBytes(torchFixture('quantized.pth'));
    const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
    const pair = findPairs(model, options).pairs.find(({ id }) => id === 'conv1')!;
    const fold = foldPair(model, pair);
    const plan = model.plan([fold], { mode: 'fold', outputName: 'fused.pth' });
    const fused = openBytes(executePlan(plan, model.sources).get('fused.pth')!);
    const amax = (of: OpenedModel, leaf: string): number[] => [
      ...of.readValues(tensorsOf(of).get(`conv1.${leaf}._amax`)!),
    ];
    assert.deepEqual(
      amax(fused, '_weight_quantizer'),
      amax(model, '_weight_quantizer').map((value, channel) =>
        Math.fround(value * Math.abs(fold.weight.scale[channel]!)),
      ),
    );
    assert.deepEqual(amax(fused, '_input_quantizer'), [2.5]);
  });
});

suite('what a fold does not touch', () => {
  test('the metadata, the optimizer and the notes in the pickle stay byte for byte', () => {
    const [before, after] = [torchFixture('mmcv.pth'), fusedBytes('mmcv.pth')].map((bytes) =>
      entries(bytes).get('mmcv/data.pkl')!.toString('latin1'),
    );
    const tail = before!.slice(before!.indexOf('_metadata'));
    assert.ok(tail.includes('param_groups') && tail.length > 1000);
    assert.ok(after!.endsWith(tail));
    const head = before!.slice(0, before!.indexOf('conv1.weight'));
    assert.ok(head.includes('norm_cfg') && after!.startsWith(head));
  });

  test('storages and other entries stay byte for byte, in their order', () => {
    const before = entries(torchFixture('mmcv.pth'));
    const after = entries(fusedBytes('mmcv.pth'));
    const scaled = expected.pairs.flatMap(({ conv }) => [`${conv}.weight`, `${conv}.bias`]);
    const changed = [...after].filter(([name, bytes]) => !before.get(name)?.equals(bytes));
    // The pickle, four weights, two old biases and two new ones.
    assert.equal(changed.length, 1 + scaled.length, changed.map(([name]) => name).join());
    const kept = [...after.keys()].filter((name) => before.has(name));
    assert.deepEqual(
      kept,
      [...before.keys()].filter((name) => after.has(name)),
    );
  });
});

function fusedBytes(name: string): Uint8Array {
  return fuse(openBytes(torchFixture(name)), expected.pairs, 'fold');
}

/** Every entry of an archive. */
function entries(bytes: Uint8Array): Map<string, Buffer> {
  const archive = readZip(new MemorySource(bytes));
  return new Map(
    archive.entries.map((entry) => [entry.name, Buffer.from(readZipEntry(archive, entry, 1e6))]),
  );
}
