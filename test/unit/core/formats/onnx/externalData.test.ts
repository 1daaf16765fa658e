import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../../../../src/core/errors';
import { openOnnx } from '../../../../../src/core/formats/onnx/openOnnx';
import type { GraphNetwork } from '../../../../../src/core/model/network';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import type { Tensor } from '../../../../../src/core/model/tensor';
import { memoryFiles } from '../../../../support/memoryFiles';
import { external, model, sub, tensorProto } from '../../../../support/onnxBytes';

const eight = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer);

function open(
  entries: Readonly<Record<string, string | number>>,
  files: Readonly<Record<string, Uint8Array>> = { 'w.bin': eight, 'sub/w.bin': eight },
): { opened: OpenedModel; tensor: Tensor } {
  const bytes = model([sub(5, tensorProto('w', [2], 'f32', external(entries)))]);
  const opened = openOnnx(new MemorySource(bytes), memoryFiles(files));
  const tensor = (opened.network as GraphNetwork).graphs[0]!.initializers.get('w')!;
  return { opened, tensor };
}

function read(entries: Readonly<Record<string, string | number>>): number[] {
  const { opened, tensor } = open(entries);
  return [...opened.readValues(tensor)];
}

describe('external data', () => {
  test('is read from its offset, in subfolders too', () => {
    assert.deepEqual(read({ location: 'w.bin', offset: 8, length: 8 }), [3, 4]);
    assert.deepEqual(read({ location: 'sub/w.bin', offset: 24, length: 8 }), [7, 8]);
  });

  test('needs neither offset nor length', () => {
    assert.deepEqual(read({ location: 'w.bin' }), [1, 2]);
    assert.deepEqual(read({ location: 'w.bin', offset: '', length: '' }), [1, 2]);
  });

  test('of one file under several spellings is opened once', () => {
    const tensor = (name: string, location: string): Uint8Array =>
      sub(5, tensorProto(name, [2], 'f32', external({ location, length: 8 })));
    const bytes = model([tensor('a', 'w.bin'), tensor('b', './w.bin'), tensor('c', './/w.bin')]);
    const opened = openOnnx(new MemorySource(bytes), memoryFiles({ 'w.bin': eight }));
    assert.equal(opened.sources.length, 2);
  });

  test('outside the model’s folder makes the file refused', () => {
    for (const location of [
      '../secret.bin',
      'sub/../../secret.bin',
      '/etc/passwd',
      'C:\\secret.bin',
      '..\\secret.bin',
      '\\\\host\\share',
      'w.bin\0.txt',
    ]) {
      assert.throws(() => open({ location, length: 8 }), /model's own folder/, location);
    }
  });

  test('is refused by an absolute path although the same name was fine before', () => {
    const tensor = (name: string, location: string): Uint8Array =>
      sub(5, tensorProto(name, [2], 'f32', external({ location, length: 8 })));
    const bytes = model([tensor('a', 'w.bin'), tensor('b', '/w.bin')]);
    assert.throws(
      () => openOnnx(new MemorySource(bytes), memoryFiles({ 'w.bin': eight })),
      /model's own folder/,
    );
  });

  test('without a location makes the file refused', () => {
    assert.throws(() => open({ offset: 0 }), /names no file/);
  });

  test('that is missing makes the tensor absent and is reported once', () => {
    const tensor = (name: string): Uint8Array =>
      sub(5, tensorProto(name, [2], 'f32', external({ location: 'gone.bin' })));
    const opened = openOnnx(new MemorySource(model([tensor('a'), tensor('b')])), memoryFiles());
    assert.deepEqual(opened.problems, [{ severity: 'error', message: 'gone.bin is missing' }]);
    const found = (opened.network as GraphNetwork).graphs[0]!.initializers.get('a')!;
    assert.deepEqual(found.location, { kind: 'absent', why: 'gone.bin is missing' });
    assert.throws(() => opened.readValues(found), ModelFormatError);
  });

  test('that is too short, of another length or no number makes the tensor absent, with the reason', () => {
    const reasons: [Readonly<Record<string, string | number>>, RegExp][] = [
      [{ location: 'w.bin', offset: 28, length: 8 }, /32 bytes, but 8 bytes from byte 28/],
      [{ location: 'w.bin', offset: 100, length: 8 }, /from byte 100/],
      [{ location: 'w.bin', length: 12 }, /12 bytes are given .* needs 8/],
      [{ location: 'w.bin', offset: '-4' }, /no number/],
      [{ location: 'w.bin', offset: '1e3' }, /no number/],
      [{ location: 'w.bin', offset: '99999999999999999999' }, /no number/],
    ];
    for (const [entries, reason] of reasons) {
      const { opened, tensor } = open(entries);
      const { location } = tensor;
      assert.match(location.kind === 'absent' ? (location.why ?? '') : 'readable', reason);
      assert.equal(opened.problems.length, 1);
    }
  });

  test('of many unreadable tensors is not reported without end', () => {
    const tensors = Array.from({ length: 100 }, (_, idx) =>
      sub(5, tensorProto(`t${idx}`, [2], 'f32', external({ location: 'w.bin', offset: 999 }))),
    );
    const opened = openOnnx(new MemorySource(model(tensors)), memoryFiles({ 'w.bin': eight }));
    assert.equal(opened.problems.length, 20);
  });
});
