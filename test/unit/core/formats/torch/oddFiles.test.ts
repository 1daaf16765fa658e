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
const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;

/** The network's own tensors, without what else lies beside them. */
function ownTensors(bytes: Uint8Array): ReturnType<typeof tensorValues> {
  return tensorValues(openBytes(bytes), names);
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

suite('quantized weights', () => {
  test('block their pairs, and no others', () => {
    const { pairs } = findPairs(openBytes(torchFixture('qint8.pth')), options);
    assert.deepEqual(
      pairs.map(({ id, verdict, reasons }) => [id, verdict, ...reasons.map(({ code }) => code)]),
      [
        ['conv1', 'blocked', 'WEIGHT_QUANTIZED'],
        ['layer.0', 'blocked', 'WEIGHT_QUANTIZED'],
        ['depthwise', 'fusable'],
        ['up', 'fusable'],
      ],
    );
    assert.match(pairs[0]!.reasons[0]!.message, /conv1 is quantized \(qint8\)\. Fold before/);
  });

  test('stay as they are when others are folded, with their scales', () => {
    const original = torchFixture('qint8.pth');
    const folded = expected.pairs.filter(({ conv }) => conv === 'depthwise' || conv === 'up');
    const fused = fuse(openBytes(original), folded, 'fold');
    const entriesOf = (bytes: Uint8Array): Map<string, Uint8Array> => {
      const archive = readZip(new MemorySource(bytes));
      return new Map(
        archive.entries.map((entry) => [entry.name, readZipEntry(archive, entry, 1e6)]),
      );
    };
    const after = entriesOf(fused);
    const kept = [...entriesOf(original)].filter(([name]) => after.has(name));
    const changed = kept.filter(([name, bytes]) => !Buffer.from(after.get(name)!).equals(bytes));
    // The pickle, two weights and a bias: no weight of qint8 and none of its scales.
    assert.equal(changed.length, 4, changed.map(([name]) => name).join());
    assert.equal(moduleOf(openBytes(fused), 'conv1').tensors.get('weight')?.quantized, 'qint8');
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
    assert.deepEqual(findPairs(model, options).pairs, []);
  });
});
