import { closeSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';

/** A file that nobody has written to for this long is abandoned, whoever its writer was. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;
const SUFFIX = 'fusebn-part';

/**
 * Creates an empty file beside `path` for its content to grow in, and removes leftovers of writers that were
 * killed while they wrote the same output. The name tells the machine and the process, so that a live one's file is
 * never taken for a leftover.
 */
export function createTemporaryFile(path: string): string {
  removeLeftovers(path);
  const owner = `${machine()}-${process.pid}-${threadId}.${made++}`;
  const temporary = join(dirname(path), `.${shortened(basename(path))}.${owner}.${SUFFIX}`);
  closeSync(openSync(temporary, 'wx'));
  return temporary;
}

function removeLeftovers(path: string): void {
  const folder = dirname(path);
  const start = `.${shortened(basename(path))}.`;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(start) || !name.endsWith(`.${SUFFIX}`)) continue;
    const owner = /^([A-Za-z0-9]*)-(\d+)-[\d.]+$/.exec(
      name.slice(start.length, -SUFFIX.length - 1),
    );
    if (owner?.[1] === undefined) continue;
    const leftover = join(folder, name);
    const isDead = owner[1] === machine() && !isRunning(Number(owner[2]));
    if (isDead || ageMs(leftover) > ABANDONED_MS) rmSync(leftover, { force: true });
  }
}

/** Files this thread has made: two writers must not meet under one name. */
let made = 0;

/** File systems allow 255 bytes a name: what is added must not push an allowed output name over. */
function shortened(name: string): string {
  return Buffer.byteLength(name) <= 160 ? name : name.slice(0, 50);
}

function machine(): string {
  return hostname()
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 20);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function ageMs(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? 0 : Date.now() - stats.mtimeMs;
}
