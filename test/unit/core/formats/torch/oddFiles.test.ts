import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { UnsupportedModelError } from '../../../../../src/core/errors';
import { readZip } from '../../../../../src/core/formats/zip/readZip';
import { readZipEntry } from '../../../../../src/core/formats/zip/zipContent';
import type { ModuleNetwork } from '../../../../../src/core/model/network';
import { findPairs } from '../../../../../src/core/pairing/findPairs';
import {
  expected,
  fuse,
  openBytes,
  tensorValues,
  torchFixture,
} from '../../../../support/torchFixtures';
import { moduleOf } from '../../../../support/torchPair';

const names = new Set(expected.fold.map(({ name }) => name));

/** The network's own tensors, without what else lies beside them. */
function ownTensors(bytes: Uint8Array): ReturnType<typeof tensorValues> {
  return tensorValues(openBytes(bytes)).filter(({ name }) => names.has(name));
}

suite('checkpoints with more in them than tensors of layers', () => {
  for (const name of ['odd.pth', 'odd-legacy.pth']) {
    test(`${name}: a new storage takes no key of a tensor that is not read here`, () => {
      const fused = fuse(openBytes(torchFixture(name)), expected.pairs, 'fold');
      assert.deepEqual(ownTensors(fused), expected.fold);
      if (name !== 'odd.pth') return;
      const entries = readZip(new MemorySource(fused)).entries.map((entry) => entry.name);
      assert.deepEqual(entries, [...new Set(entries)]);
    });
  }

  test('a storage that is saved by itself keeps its bytes', () => {
    const original = torchFixture('bare-storage.pth');
    const fused = fuse(openBytes(original), expected.pairs, 'fold');
    assert.deepEqual(ownTensors(fused), expected.fold);
    const weight = (bytes: Uint8Array): Uint8Array => {
      const archive = readZip(new MemorySource(bytes));
      return readZipEntry(archive, archive.entriesByName.get('bare-storage/data/0')!, 1000);
    };
    assert.equal(weight(original).length, 4 * 3 * 9 * 4);
    assert.deepEqual(weight(fused), weight(original));
  });

  test('a state_dict that is an attribute of an object is found', () => {
    const model = openBytes(torchFixture('attributes.pth'));
    assert.deepEqual(tensorValues(model), expected.original);
    assert.deepEqual(ownTensors(fuse(model, expected.pairs, 'fold')), expected.fold);
  });
});

suite('networks of torch.fx', () => {
  test('are modules, made of their attributes and their code', () => {
    const model = openBytes(torchFixture('graph-module.pth'));
    assert.equal(model.format, 'torch-module');
    assert.equal(moduleOf(model, '').className, 'GraphModule');
    assert.equal(moduleOf(model, 'conv1').className, 'Conv2d');
    assert.deepEqual(tensorValues(model), expected.original);
  });

  test('fold like other modules: their code finds an Identity in the BatchNorm’s place', () => {
    const fused = fuse(openBytes(torchFixture('graph-module.pth')), expected.pairs, 'fold');
    assert.equal(moduleOf(openBytes(fused), 'bn1').className, 'Identity');
    const byName = new Map(tensorValues(openBytes(fused)).map((tensor) => [tensor.name, tensor]));
    assert.deepEqual([...byName.keys()].toSorted(), [...names].toSorted());
    for (const tensor of expected.fold) assert.deepEqual(byName.get(tensor.name), tensor);
  });
});

suite('files without tensors to fold', () => {
  for (const name of ['text-places.pth', 'text-places-legacy.pth']) {
    test(`${name}: pickle protocol 0 loses the tensors’ places`, () => {
      assert.throws(
        () => openBytes(torchFixture(name)),
        (error) => error instanceof UnsupportedModelError && /protocol 0/.test(error.message),
      );
    });
  }

  test('weights that are arrays of NumPy are named as such', () => {
    const model = openBytes(torchFixture('arrays.pth'));
    assert.deepEqual((model.network as ModuleNetwork).modules, []);
    assert.match(model.problems.map(({ message }) => message).join(), /arrays of NumPy/);
    const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
    assert.deepEqual(findPairs(model, options).pairs, []);
  });
});
