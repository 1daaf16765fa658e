import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { foldPair } from '../../../../../src/core/folding/foldPair';
import { readZip } from '../../../../../src/core/formats/zip/readZip';
import { readZipEntry } from '../../../../../src/core/formats/zip/zipContent';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import type { Pair } from '../../../../../src/core/model/pair';
import { findPairs } from '../../../../../src/core/pairing/findPairs';
import { executePlan } from '../../../../support/executePlan';
import { allGraphs } from '../../../../support/onnxPair';
import { expected, openBytes, torchFixture } from '../../../../support/torchFixtures';
import { crc32, zipBytes } from '../../../../support/zipBytes';

const files = [
  'scripted.pt',
  'traced.pt',
  'scripted-stored.pt',
  'traced-stored.pt',
  'exported.pt2',
];

suite('programs', () => {
  for (const name of files) {
    test(`${name}: gives its data flow in the words of ONNX, layers under their own names`, () => {
      const model = openBytes(torchFixture(name), name);
      assert.equal(model.format, name.endsWith('.pt2') ? 'torch-export' : 'torchscript');
      assert.deepEqual(model.problems, []);
      const [graph] = allGraphs(model);
      assert.deepEqual(
        graph!.nodes.map((node) => `${node.name}: ${node.opType}`),
        [
          'conv1: Conv',
          'bn1: BatchNormalization',
          'relu: Relu',
          'layer.0: Conv',
          'layer.1: BatchNormalization',
          'layer.2: Relu',
          'depthwise: Conv',
          'depthwise_bn: BatchNormalization',
          'up: ConvTranspose',
          'up_bn: BatchNormalization',
          'head: Conv',
        ],
      );
      assert.deepEqual(
        graph!.inputs.map((input) => input.name),
        ['x'],
      );
      assert.deepEqual(
        graph!.outputs.map((output) => output.name),
        ['head:out'],
      );
    });

    test(`${name}: finds the pairs by data flow, with the eps of the code`, () => {
      const pairs = pairsOf(openBytes(torchFixture(name), name));
      assert.deepEqual(
        pairs.map(({ id, bn, verdict, evidence }) => [id, bn.name, bn.eps, verdict, evidence]),
        expected.pairs.map(({ conv, bn, eps }) => [conv, bn, eps, 'fusable', 'graph']),
      );
    });

    test(`${name}: is fused as drop-in, whatever mode is asked for: weights change, nothing else`, () => {
      const bytes = torchFixture(name);
      const model = openBytes(bytes, name);
      const fused = fuse(model, pairsOf(model));
      assert.equal(fused.length, bytes.length);
      const after = openBytes(fused, name);
      const [graph] = allGraphs(after);
      const values = new Map(
        [...graph!.initializers.values()].map((tensor) => [
          tensor.name,
          [...after.readValues(tensor)],
        ]),
      );
      for (const tensor of expected.dropIn) {
        const found = values.get(tensor.name);
        if (found) assert.deepEqual(found, tensor.values, tensor.name);
      }
      assertUntouched(bytes, fused);
    });
  }

  test('a program of PyTorch before 2.8 gets a clear message', () => {
    const data = Buffer.from('{}');
    const bytes = zipBytes([{ name: 'serialized_exported_program.json', data }]);
    assert.throws(() => openBytes(bytes, 'old.pt2'), /before 2\.8/);
  });
});

function pairsOf(model: OpenedModel): readonly Pair[] {
  return findPairs(model, { policy: 'all', eps: [], layout: 'auto', structure: null }).pairs;
}

function fuse(model: OpenedModel, pairs: readonly Pair[]): Uint8Array {
  const folds = pairs.map((pair) => foldPair(model, pair));
  const plan = model.plan(folds, { mode: 'fold', outputName: 'fused' });
  return executePlan(plan, model.sources).get('fused')!;
}

/** Only storages and weights differ, and every checksum is right. */
function assertUntouched(before: Uint8Array, after: Uint8Array): void {
  const [old, fused] = [before, after].map((bytes) => readZip(new MemorySource(bytes)));
  for (const entry of fused!.entries) {
    const bytes = readZipEntry(fused!, entry, 1e6);
    assert.equal(entry.crc32, crc32(bytes), entry.name);
    if (/\/data\//.test(entry.name) && !entry.name.endsWith('.json')) continue;
    assert.deepEqual(bytes, readZipEntry(old!, old!.entriesByName.get(entry.name)!, 1e6));
  }
}
