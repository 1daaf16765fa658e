import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { MemorySource } from '../../../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../../../src/core/errors';
import { openModel } from '../../../../src/core/formats/openModel';
import type { OpenedModel } from '../../../../src/core/model/openedModel';
import { projectPath } from '../../../support/root';

const onnx = readFileSync(projectPath('samples/scenenet.onnx'));
const checkpoint = readFileSync(projectPath('samples/scenenet.pth'));
const listing = readFileSync(projectPath('test/fixtures/listings/resnet18.txt'));

test('knows a format by its bytes, whatever the name says', async () => {
  assert.equal((await open(checkpoint, 'weights.onnx')).format, 'torch-zip');
  assert.equal((await open(onnx, 'weights.bin')).format, 'onnx');
  assert.equal((await open(listing, 'network')).format, 'module-text');
  assert.equal((await open(safetensors(), 'model')).format, 'safetensors');
});

test('opens files under their usual names', async () => {
  assert.equal((await open(checkpoint, 'model.pth')).format, 'torch-zip');
  assert.equal((await open(onnx, 'model.onnx')).format, 'onnx');
  assert.equal((await open(listing, 'model.torchmodule')).format, 'module-text');
  assert.equal((await open(safetensors(), 'model.safetensors')).format, 'safetensors');
});

test('says what a file is not', async () => {
  const cases: [Uint8Array, string, RegExp][] = [
    [new Uint8Array(), 'a.onnx', /^a\.onnx is empty$/],
    [Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3), 'a.jpg', /^a\.jpg is neither an ONNX model/],
    [new TextEncoder().encode('hello'), 'a.bin', /^a\.bin is neither an ONNX model/],
    [
      new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'),
      'a.pth',
      /^a\.pth is a Git LFS pointer.* git lfs pull$/,
    ],
  ];
  for (const [bytes, name, message] of cases) {
    await assert.rejects(open(bytes, name), (error) => {
      assert.ok(error instanceof ModelFormatError);
      assert.match(error.message, message);
      return true;
    });
  }
});

function open(bytes: Uint8Array, name: string): Promise<OpenedModel> {
  return openModel(new MemorySource(bytes, name), {
    open: () => {
      throw new ModelFormatError('there are no other files');
    },
  });
}

function safetensors(): Uint8Array {
  const header = new TextEncoder().encode('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
  const bytes = new Uint8Array(8 + header.length + 4);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 8);
  return bytes;
}
