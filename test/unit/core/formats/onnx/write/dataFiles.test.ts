import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { MemorySource } from '../../../../../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../../../../../src/core/errors';
import { openOnnx } from '../../../../../../src/core/formats/onnx/openOnnx';
import type { OpenedModel } from '../../../../../../src/core/model/openedModel';
import type { Tensor, TensorLocation } from '../../../../../../src/core/model/tensor';
import { fuse, FUSED, openOnnxFile } from '../../../../../support/fuseOnnx';
import { memoryFiles } from '../../../../../support/memoryFiles';
import {
  convAndBn,
  external,
  model,
  node,
  output,
  sub,
  tensorProto,
} from '../../../../../support/onnxBytes';
import { allGraphs } from '../../../../../support/onnxPair';
import { projectPath } from '../../../../../support/root';

const folder = projectPath('test/fixtures/onnx/external');
const FIRST = 'model.fused.first.bin';
const REST = 'model.fused.rest.bin';

function tensorOf(opened: OpenedModel, name: string): Tensor {
  return allGraphs(opened)[0]!.initializers.get(name)!;
}

function rangeOf(opened: OpenedModel, name: string): Extract<TensorLocation, { kind: 'range' }> {
  const { location } = tensorOf(opened, name);
  assert.equal(location.kind, 'range');
  return location;
}

const fused = fuse(openOnnxFile(`${folder}/model.onnx`));
const before = {
  first: new Uint8Array(readFileSync(`${folder}/weights/first.bin`)),
  rest: new Uint8Array(readFileSync(`${folder}/rest.bin`)),
};

describe('a model with external data', () => {
  test('gets data files of its own, called after the output, beside it', () => {
    assert.deepEqual([...fused.files.keys()].toSorted(), [FIRST, FUSED, REST].toSorted());
    assert.ok(!Buffer.from(fused.bytes).includes('weights/first.bin'));
  });

  test('has patched data files: same place, same length, all other bytes as they were', () => {
    const { offset, length } = rangeOf(fused.original, 'first.weight');
    const after = fused.files.get(FIRST)!;
    assert.equal(after.length, before.first.length);
    assert.deepEqual(after.subarray(0, offset), before.first.subarray(0, offset));
    assert.notDeepEqual(
      after.subarray(offset, offset + length),
      before.first.subarray(offset, offset + length),
    );
    const bias = rangeOf(fused.original, 'first.bias');
    const between = [offset + length, bias.offset] as const;
    assert.deepEqual(after.subarray(...between), before.first.subarray(...between));
    assert.equal(rangeOf(fused.model, 'first.weight').offset, offset);
  });

  test('never changes bytes that two tensors share: copies go behind the end, on a page', () => {
    const after = fused.files.get(REST)!;
    assert.deepEqual(after.subarray(0, before.rest.length), before.rest);
    const places = ['second.conv.weight', 'third.conv.weight'].map((name) =>
      rangeOf(fused.model, name),
    );
    for (const { offset } of places) assert.equal(offset % 4096, 0);
    assert.notEqual(places[0]!.offset, places[1]!.offset);
  });

  test('drops the checksums, which were taken over other bytes', () => {
    assert.ok(Buffer.from(readFileSync(`${folder}/model.onnx`)).includes('checksum'));
    assert.ok(!Buffer.from(fused.bytes).includes('checksum'));
  });

  test('needs none of the original’s files, not even those no fold touches', () => {
    const pair = convAndBn('a', 'x', 'y');
    const table = tensorProto('table', [2], 'f32', external({ location: 'table.bin', length: 8 }));
    const bytes = model([
      ...pair.parameters,
      ...pair.nodes,
      sub(5, table),
      node('Neg', ['table'], ['n']),
      output('n'),
    ]);
    const data = new Uint8Array(Float32Array.of(1, 2).buffer);
    const opened = openOnnx(new MemorySource(bytes), memoryFiles({ 'table.bin': data }));
    const { files, model: after } = fuse(opened);
    assert.deepEqual(files.get('model.fused.table.bin'), data);
    assert.deepEqual([...after.readValues(tensorOf(after, 'table'))], [1, 2]);
  });

  test('keeps the checksum of a data file that stays as it is', () => {
    const pair = convAndBn('a', 'x', 'y');
    const place = external({ location: 'table.bin', length: 8, checksum: 'abc' });
    const bytes = model([
      ...pair.parameters,
      ...pair.nodes,
      sub(5, tensorProto('table', [2], 'f32', place)),
    ]);
    const siblings = memoryFiles({ 'table.bin': new Uint8Array(8) });
    const { bytes: after } = fuse(openOnnx(new MemorySource(bytes), siblings));
    assert.ok(Buffer.from(after).includes('checksum'));
  });

  test('leaves a data file behind that only the BatchNormalization used', () => {
    const pair = convAndBn('a', 'x', 'y');
    const mean = tensorProto('a.bn.mean', [2], 'f32', external({ location: 'm.bin', length: 8 }));
    const bytes = model([
      ...pair.parameters.filter((_, idx) => idx !== 3),
      sub(5, mean),
      ...pair.nodes,
    ]);
    const opened = openOnnx(new MemorySource(bytes), memoryFiles({ 'm.bin': new Uint8Array(8) }));
    assert.deepEqual([...fuse(opened).files.keys()], [FUSED]);
  });

  test('whose data files have one name in two folders gets two names', () => {
    const pair = convAndBn('a', 'x', 'y');
    const extra = (name: string, location: string): Uint8Array =>
      sub(5, tensorProto(name, [2], 'f32', external({ location, length: 8 })));
    const bytes = model([
      ...pair.parameters,
      ...pair.nodes,
      extra('one', 'a/w.bin'),
      extra('two', 'b/W.bin'),
      node('Add', ['one', 'two'], ['n']),
      output('n'),
    ]);
    const data = { 'a/w.bin': new Uint8Array(8).fill(1), 'b/W.bin': new Uint8Array(8).fill(2) };
    const { files } = fuse(openOnnx(new MemorySource(bytes), memoryFiles(data)));
    assert.deepEqual([...files.keys()], [FUSED, 'model.fused.w.bin', 'model.fused.2.W.bin']);
  });

  test('that is incomplete is not written', () => {
    const pair = convAndBn('a', 'x', 'y');
    const gone = tensorProto('table', [2], 'f32', external({ location: 'gone.bin', length: 8 }));
    const bytes = model([...pair.parameters, ...pair.nodes, sub(5, gone)]);
    const opened = openOnnx(new MemorySource(bytes), memoryFiles());
    assert.throws(
      () => fuse(opened),
      (error) => error instanceof ModelFormatError && /gone\.bin is missing/.test(error.message),
    );
  });
});
