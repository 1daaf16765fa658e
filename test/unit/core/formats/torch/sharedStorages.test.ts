import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { RequestError } from '../../../../../src/core/errors';
import { foldPair } from '../../../../../src/core/folding/foldPair';
import { readZip } from '../../../../../src/core/formats/zip/readZip';
import type { ModuleNetwork } from '../../../../../src/core/model/network';
import {
  expected,
  fuse,
  openBytes,
  tensorValues,
  torchFixture,
  type ExpectedTensor,
} from '../../../../support/torchFixtures';
import { moduleOf, tensorsOf, torchPair, type KnownPair } from '../../../../support/torchPair';

const [conv1, ...others] = expected.pairs as [KnownPair, ...KnownPair[]];

suite('storages that several tensors see', () => {
  test('a tied weight has the same place under both keys', () => {
    const tensors = tensorsOf(openBytes(torchFixture('tied.pth')));
    assert.deepEqual(tensors.get('conv1.weight')!.location, tensors.get('tied.weight')!.location);
  });

  test('a tied weight that is folded all the same gets a storage of its own', () => {
    const fused = openBytes(fuse(openBytes(torchFixture('tied.pth')), expected.pairs, 'fold'));
    const values = byName(tensorValues(fused));
    assert.deepEqual(values.get('tied.weight')!.values, original('conv1.weight').values);
    assert.deepEqual(values.get('conv1.weight'), folded('conv1.weight'));
    assert.deepEqual(values.get('conv1.bias'), folded('conv1.bias'));
  });

  test('a view of one storage for all is changed in place, its neighbours stay', () => {
    const fused = fuse(openBytes(torchFixture('one-storage.pth')), [conv1], 'drop-in');
    assert.deepEqual(entryNames(fused), entryNames(torchFixture('one-storage.pth')));
    const values = byName(tensorValues(openBytes(fused)));
    assert.deepEqual(values.get('conv1.weight'), folded('conv1.weight'));
    assert.deepEqual(values.get('layer.0.weight'), original('layer.0.weight'));
  });

  test('a BatchNorm that goes leaves no storage behind, unless others see it', () => {
    const names = entryNames(fuse(openBytes(torchFixture('zip.pth')), [conv1], 'fold'));
    // Storages 1 to 5 were the BatchNorm's; 26 is the new bias, right behind its weight.
    const storages = names.filter((name) => name.startsWith('zip/data/'));
    assert.deepEqual(storages.slice(0, 3), ['zip/data/0', 'zip/data/26', 'zip/data/6']);
    const shared = entryNames(fuse(openBytes(torchFixture('one-storage.pth')), [conv1], 'fold'));
    assert.ok(shared.includes('one-storage/data/0'));
  });

  test('two networks that share their storages are folded once, for both', () => {
    const model = openBytes(torchFixture('twins.pth'));
    const { modules } = model.network as ModuleNetwork;
    assert.deepEqual([...new Set(modules.map(({ dict }) => dict))], ['', 'best']);
    const twins = [conv1, { ...conv1, conv: 'best.conv1', bn: 'best.bn1' }];
    const values = byName(tensorValues(openBytes(fuse(model, twins, 'fold'))));
    for (const prefix of ['', 'best.']) {
      assert.deepEqual(values.get(`${prefix}conv1.weight`)!.values, folded('conv1.weight').values);
    }
  });

  test('an expanded tensor is read in full, and folded into a storage of its own', () => {
    const model = openBytes(torchFixture('expanded.pth'));
    const weight = tensorsOf(model).get('conv1.weight')!;
    assert.equal(weight.location.kind, 'encoded');
    const row = original('conv1.weight').values.slice(0, 27);
    assert.deepEqual([...model.readValues(weight)], [...row, ...row, ...row, ...row]);
    const mean = tensorsOf(model).get('bn1.running_mean')!;
    assert.deepEqual([...model.readValues(mean)], [0.25, 0.25, 0.25, 0.25]);
    const fold = foldPair(model, torchPair(model, conv1));
    const values = byName(tensorValues(openBytes(fuse(model, [conv1], 'fold'))));
    const channel = values.get('conv1.weight')!.values.slice(27, 54);
    assert.deepEqual(
      channel,
      row.map((value) => Math.fround(value * fold.weight.scale[1]!)),
    );
  });

  test('tensors of compressed archives are read, and written anew where they change', () => {
    const model = openBytes(torchFixture('compressed.pth'));
    assert.deepEqual(tensorValues(model), expected.original);
    for (const mode of ['fold', 'drop-in'] as const) {
      const fused = openBytes(fuse(model, expected.pairs, mode));
      assert.deepEqual(tensorValues(fused), mode === 'fold' ? expected.fold : expected.dropIn);
    }
  });

  test('one convolution cannot be folded in two ways at once', () => {
    const model = openBytes(torchFixture('zip.pth'));
    const [second] = others;
    const pairs = [conv1, { ...conv1, bn: 'up_bn', eps: 1 }, second!];
    assert.throws(() => fuse(model, pairs.slice(0, 2), 'drop-in'), RequestError);
  });

  test('zero-size tensors have no bytes and stay', () => {
    const empty = tensorsOf(openBytes(torchFixture('tied.pth'))).get('empty')!;
    assert.deepEqual(empty.shape, [0, 3]);
    assert.ok(empty.location.kind === 'range' && empty.location.length === 0);
  });
});

suite('element types', () => {
  for (const [name, ulp] of [
    ['f64', 2 ** -52],
    ['f16', 2 ** -10],
    ['bf16', 2 ** -7],
  ] as const) {
    test(`${name}: folds in float64 and rounds once`, () => {
      const model = openBytes(torchFixture(`${name}.pth`));
      assert.equal(moduleOf(model, 'conv1').tensors.get('weight')!.dtype, name);
      const before = byName(tensorValues(model));
      const fold = foldPair(model, torchPair(model, conv1));
      const after = byName(tensorValues(openBytes(fuse(model, [conv1], 'fold'))));
      const weights = before.get('conv1.weight')!.values;
      after.get('conv1.weight')!.values.forEach((value, idx) => {
        const exact = weights[idx]! * fold.weight.scale[Math.floor(idx / 27)]!;
        // Half a unit in the last place of the element type.
        assert.ok(Math.abs(value - exact) <= (ulp / 2) * Math.abs(exact) + Number.MIN_VALUE);
      });
    });
  }
});

function byName(tensors: readonly ExpectedTensor[]): ReadonlyMap<string, ExpectedTensor> {
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

function original(name: string): ExpectedTensor {
  return byName(expected.original).get(name)!;
}

function folded(name: string): ExpectedTensor {
  return byName(expected.fold).get(name)!;
}

function entryNames(bytes: Uint8Array): string[] {
  return readZip(new MemorySource(bytes)).entries.map(({ name }) => name);
}
