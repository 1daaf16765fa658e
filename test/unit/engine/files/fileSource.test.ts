import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { ModelFormatError } from '../../../../src/core/errors';
import { FileSource } from '../../../../src/engine/files/fileSource';
import { temporaryFolder } from '../../../support/temporaryFolder';

const content = Uint8Array.from({ length: 300_001 }, (_, idx) => (idx * 31 + (idx >> 7)) & 255);

test('gives the bytes of any range, in memory of the caller’s own', (t) => {
  const source = openContent(t);
  for (const [offset, length] of [
    [0, 0],
    [0, 1],
    [4095, 2],
    [4096, 4096],
    [10, 70_000],
    [299_000, 1001],
    [300_001, 0],
  ] as const) {
    const bytes = source.read(offset, length);
    assert.deepEqual(bytes, content.slice(offset, offset + length), `${length} from ${offset}`);
    bytes.fill(0);
    assert.deepEqual(source.read(offset, length), content.slice(offset, offset + length));
  }
});

test('refuses a range that leaves the file', (t) => {
  const source = openContent(t);
  for (const [offset, length] of [
    [300_000, 2],
    [-1, 1],
    [0, -1],
    [0.5, 1],
    [2 ** 60, 1],
    [0, NaN],
  ] as const) {
    assert.throws(() => source.read(offset, length), ModelFormatError);
  }
});

test('hopping over a large file costs a page per hop, and a second visit nothing', (t) => {
  const path = join(temporaryFolder(t), 'large.bin');
  const file = openSync(path, 'w');
  ftruncateSync(file, 6 * 1024 ** 3);
  writeSync(file, Uint8Array.of(1, 2, 3), 0, 3, 5 * 1024 ** 3);
  closeSync(file);
  const source = new FileSource(path);
  t.after(() => {
    source.close();
  });
  const visit = (): void => {
    for (let hop = 0; hop < 60; hop++) source.read(hop * 100_000_000, 100);
  };
  visit();
  assert.ok(source.bytesRead <= 60 * 2 * 4096, String(source.bytesRead));
  const before = source.bytesRead;
  visit();
  assert.equal(source.bytesRead, before);
  assert.deepEqual(source.read(5 * 1024 ** 3, 3), Uint8Array.of(1, 2, 3));
});

test('reading straight on takes ever larger steps', (t) => {
  const source = openContent(t);
  for (let offset = 0; offset + 100 <= content.length; offset += 100) {
    assert.deepEqual(source.read(offset, 100), content.slice(offset, offset + 100));
  }
  assert.ok(source.bytesRead <= content.length, String(source.bytesRead));
});

test('opens again after close, but not another file that took its name', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'model.bin');
  writeFileSync(path, content);
  const source = new FileSource(path);
  t.after(() => {
    source.close();
  });
  source.close();
  assert.deepEqual(source.read(100_000, 10), content.slice(100_000, 100_010));
  source.close();
  writeFileSync(join(folder, 'other.bin'), content);
  renameSync(join(folder, 'other.bin'), path);
  assert.throws(() => source.read(200_000, 10), /model\.bin changed while it was in use/);
});

test('many files are open by turns: a handful at once, and each reads as if it were alone', (t) => {
  const folder = temporaryFolder(t);
  const sources = Array.from({ length: 100 }, (_, idx) => {
    const path = join(folder, `${idx}.bin`);
    writeFileSync(path, Buffer.alloc(100_000, idx));
    const source = new FileSource(path);
    t.after(() => {
      source.close();
    });
    return source;
  });
  for (const offset of [0, 50_000]) {
    sources.forEach((source, idx) => {
      assert.deepEqual(source.read(offset, 3), Uint8Array.of(idx, idx, idx));
    });
  }
  if (process.platform !== 'linux') return;
  const open = readdirSync('/proc/self/fd').flatMap((descriptor) => {
    const target = readlinkOrNull(`/proc/self/fd/${descriptor}`);
    return target?.startsWith(folder) ? [target] : [];
  });
  assert.ok(open.length <= 8, open.join());
  assert.ok(open.includes(join(folder, '99.bin')));
});

test('a file whose identity is known is not touched before it is read', (t) => {
  const path = join(temporaryFolder(t), 'model.bin');
  writeFileSync(path, content);
  const first = new FileSource(path);
  first.close();
  rmSync(path);
  const source = new FileSource(path, first.identity);
  assert.equal(source.sizeBytes, content.length);
  assert.throws(() => source.read(0, 1), /model\.bin does not exist/);
});

test('a file that is cut while it is open is an error, not zeros', (t) => {
  const path = join(temporaryFolder(t), 'model.bin');
  writeFileSync(path, content);
  const source = new FileSource(path);
  t.after(() => {
    source.close();
  });
  const file = openSync(path, 'r+');
  ftruncateSync(file, 1000);
  closeSync(file);
  assert.throws(() => source.read(100_000, 10), /model\.bin ended while it was read/);
});

test('says what is wrong with a path that is no file', (t) => {
  const folder = temporaryFolder(t);
  assert.throws(() => new FileSource(join(folder, 'no.onnx')), /no\.onnx does not exist/);
  assert.throws(() => new FileSource(folder), /is a folder/);
  if (process.platform === 'win32') return;
  execFileSync('mkfifo', [join(folder, 'pipe.onnx')]);
  assert.throws(() => new FileSource(join(folder, 'pipe.onnx')), /pipe\.onnx is no regular file/);
});

function openContent(t: TestContext): FileSource {
  const path = join(temporaryFolder(t), 'model.bin');
  writeFileSync(path, content);
  const source = new FileSource(path);
  t.after(() => {
    source.close();
  });
  return source;
}

/** The listing of descriptors is read through one that is closed by now. */
function readlinkOrNull(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
