import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test from 'node:test';
import { createTemporaryFile } from '../../../../src/engine/writer/temporaryFile';
import { temporaryFolder } from '../../../support/temporaryFolder';

test('makes a hidden, empty file beside the output, a new one each time', (t) => {
  const folder = temporaryFolder(t);
  const [first, second] = [1, 2].map(() => createTemporaryFile(join(folder, 'net.onnx')));
  assert.notEqual(first, second);
  assert.equal(dirname(first!), folder);
  assert.match(basename(first!), /^\.net\.onnx\..+\.fusebn-part$/);
});

test('removes what a dead writer of the same output left, and nothing else', (t) => {
  const folder = temporaryFolder(t);
  const own = createTemporaryFile(join(folder, 'net.onnx'));
  const { pid } = spawnSync(process.execPath, ['-e', '0']);
  const dead = own.replace(`-${process.pid}-`, `-${pid}-`);
  const elsewhere = own.replace(/\.[^.]*-(\d+)-/, '.othermachine-$1-');
  const ofAnother = dead.replace('.net.onnx.', '.other.onnx.');
  const strange = join(folder, '.net.onnx.mine.fusebn-part');
  for (const path of [dead, elsewhere, ofAnother, strange]) writeFileSync(path, '');

  createTemporaryFile(join(folder, 'net.onnx'));
  assert.ok(!existsSync(dead));
  for (const path of [own, elsewhere, ofAnother, strange]) assert.ok(existsSync(path), path);
});

test('removes a leftover that nobody has touched for days, wherever its writer ran', (t) => {
  const folder = temporaryFolder(t);
  const old = createTemporaryFile(join(folder, 'net.onnx')).replace(
    /\.[^.]*-(\d+)-/,
    '.othermachine-$1-',
  );
  writeFileSync(old, '');
  const longAgo = Date.now() / 1000 - 3 * 24 * 60 * 60;
  utimesSync(old, longAgo, longAgo);
  createTemporaryFile(join(folder, 'net.onnx'));
  assert.ok(!existsSync(old));
});

test('a name as long as the file system allows still has room for its temporary file', (t) => {
  const folder = temporaryFolder(t);
  const name = `${'网'.repeat(80)}.onnx`;
  const temporary = createTemporaryFile(join(folder, name));
  renameSync(temporary, join(folder, name));
  assert.deepEqual(readdirSync(folder), [name]);
});
