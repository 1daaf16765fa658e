import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { ModelFormatError, OutsideFolderError } from '../../../../src/core/errors';
import { ModelFiles } from '../../../../src/engine/files/modelFiles';
import { temporaryFolder } from '../../../support/temporaryFolder';

test('opens files beside the model and below it, each once', (t) => {
  const { files } = openModel(t);
  assert.equal(files.open('weights.bin').sizeBytes, 3);
  assert.equal(files.open('sub/more.bin').sizeBytes, 4);
  assert.equal(files.open('weights.bin'), files.open('weights.bin'));
  assert.equal(files.sizeBytes, 5 + 3 + 4);
});

test('refuses whatever leads out of the folder', (t) => {
  const { folder, files } = openModel(t);
  symlinkSync('/etc', join(folder, 'model', 'etc'));
  symlinkSync(join(folder, 'secret.bin'), join(folder, 'model', 'link.bin'));
  for (const path of [
    '../secret.bin',
    'sub/../../secret.bin',
    join(folder, 'secret.bin'),
    '/etc/passwd',
    'etc/passwd',
    'link.bin',
    '..',
    '.',
    '',
    'weights.bin\0.txt',
  ]) {
    assert.throws(() => files.open(path), OutsideFolderError, path);
  }
});

test('a file that is missing or a folder is an error of another kind', (t) => {
  const { files } = openModel(t);
  for (const path of ['missing.bin', 'sub']) {
    assert.throws(
      () => files.open(path),
      (error) => error instanceof ModelFormatError && !(error instanceof OutsideFolderError),
    );
  }
});

test('a model that is linked out of a folder of blobs finds its siblings there', (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['blobs', 'snapshot']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'blobs', 'aaa'), 'model');
  writeFileSync(join(folder, 'blobs', 'bbb'), 'weights');
  symlinkSync('../blobs/aaa', join(folder, 'snapshot', 'model.onnx'));
  symlinkSync('../blobs/bbb', join(folder, 'snapshot', 'weights.bin'));
  const files = new ModelFiles(join(folder, 'snapshot', 'model.onnx'));
  t.after(() => {
    files.close();
  });
  assert.equal(files.open('weights.bin').sizeBytes, 7);
});

function openModel(t: TestContext): { folder: string; files: ModelFiles } {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'model', 'sub'), { recursive: true });
  writeFileSync(join(folder, 'secret.bin'), 'secret');
  writeFileSync(join(folder, 'model', 'model.onnx'), 'model');
  writeFileSync(join(folder, 'model', 'weights.bin'), '123');
  writeFileSync(join(folder, 'model', 'sub', 'more.bin'), '1234');
  const files = new ModelFiles(join(folder, 'model', 'model.onnx'));
  t.after(() => {
    files.close();
  });
  return { folder, files };
}
