import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { bundledScript } from '../../../support/bundledEngine';
import { temporaryFolder } from '../../../support/temporaryFolder';

/** Large enough to be caught in the middle; a hole in the file, so that it takes no room. */
const SOURCE_BYTES = 8 * 1024 ** 3;

/** More than a writer takes at a time. */
const INPUT_BYTES = 6 * 1024 * 1024;

test('killed in the middle of writing: no output, the original whole, and the next run cleans up', async (t) => {
  const folder = temporaryFolder(t);
  const input = sparseSource(folder);
  const before = statSync(input);
  const child = spawn(process.execPath, [
    bundledScript('copyFile'),
    input,
    join(folder, 'out.bin'),
  ]);
  const exited = new Promise<string | null>((resolve) => {
    child.once('exit', (_code, signal) => {
      resolve(signal);
    });
  });
  await untilGrowing(folder);
  child.kill('SIGKILL');
  assert.equal(await exited, 'SIGKILL');

  const [leftover = '', ...others] = readdirSync(folder).filter((name) => name !== 'in.bin');
  assert.match(leftover, /^\.out\.bin\..*\.fusebn-part$/);
  assert.deepEqual(others, []);
  const after = statSync(input);
  assert.deepEqual([after.size, after.mtimeMs], [before.size, before.mtimeMs]);

  truncateSync(input, 1000);
  copy(input, join(folder, 'out.bin'));
  assert.deepEqual(readdirSync(folder).toSorted(), ['in.bin', 'out.bin']);
});

test('a limit on the size of files ends in DISK_FULL and leaves nothing', (t) => {
  const folder = temporaryFolder(t);
  const input = sparseSource(folder, 4 * 1024 * 1024);
  const script = `ulimit -f 1000; exec "$0" "$1" "$2" "$3"`;
  const run = (): unknown =>
    execFileSync(
      'bash',
      ['-c', script, process.execPath, bundledScript('copyFile'), input, join(folder, 'out.bin')],
      {
        stdio: 'pipe',
        encoding: 'utf8',
      },
    );
  assert.throws(run, /DISK_FULL/);
  assert.deepEqual(readdirSync(folder), ['in.bin']);
});

test('a disk too full for the output is known before anything is written', (t) => {
  withSmallDisk(t, 1, (disk, input) => {
    assert.throws(() => copy(input, join(disk, 'out.bin')), /DISK_FULL/);
    assert.deepEqual(readdirSync(disk), []);
  });
});

test('a disk that fills up while writing leaves no output', (t) => {
  withSmallDisk(t, 8, (disk, input) => {
    assert.throws(() => copy(input, join(disk, 'out.bin'), '--fill'), /DISK_FULL/);
    assert.deepEqual(readdirSync(disk), ['somebody-else']);
  });
});

function copy(...args: string[]): string {
  return execFileSync(process.execPath, [bundledScript('copyFile'), ...args], {
    stdio: 'pipe',
    encoding: 'utf8',
  });
}

function withSmallDisk(
  t: TestContext,
  megabytes: number,
  body: (disk: string, input: string) => void,
): void {
  const folder = temporaryFolder(t);
  const input = sparseSource(folder, INPUT_BYTES);
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    const size = `size=${megabytes}m`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    t.skip('a small file system needs the right to mount one');
    return;
  }
  try {
    body(disk, input);
  } finally {
    execFileSync('umount', [disk]);
  }
  assert.ok(readFileSync(input).every((byte) => byte === 0));
  assert.equal(statSync(input).size, INPUT_BYTES);
}

function sparseSource(folder: string, sizeBytes = SOURCE_BYTES): string {
  const path = join(folder, 'in.bin');
  writeFileSync(path, '');
  truncateSync(path, sizeBytes);
  return path;
}

async function untilGrowing(folder: string): Promise<void> {
  for (;;) {
    const growing = readdirSync(folder).find((name) => name.endsWith('.fusebn-part'));
    if (growing !== undefined && statSync(join(folder, growing)).size > 0) return;
    await setTimeout(2);
  }
}
