import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A leftover whose writer ran on another machine is given this long before it counts as abandoned. */
const FOREIGN_LEFTOVER_MS = 24 * 60 * 60 * 1000;
const SUFFIX = 'fusebn-part';

/**
 * Creates an empty file beside `path` for its content to grow in, and removes leftovers of writers that were
 * killed while they wrote the same output. The name tells the machine and the process, so that a live one's file is
 * never taken for a leftover.
 */
export function createTemporaryFile(path: string): string {
  removeLeftovers(path);
  const owner = `${machine()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const temporary = join(dirname(path), `.${shortened(basename(path))}.${owner}.${SUFFIX}`);
  closeSync(openSync(temporary, 'wx'));
  return temporary;
}

function removeLeftovers(path: string): void {
  const folder = dirname(path);
  const start = `.${shortened(basename(path))}.`;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(start) || !name.endsWith(`.${SUFFIX}`)) continue;
    const owner = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{8}$/.exec(
      name.slice(start.length, -SUFFIX.length - 1),
    );
    if (owner?.[1] === undefined) continue;
    const leftover = join(folder, name);
    const isAbandoned =
      owner[1] === machine() ? !isRunning(Number(owner[2])) : ageMs(leftover) > FOREIGN_LEFTOVER_MS;
    if (isAbandoned) rmSync(leftover, { force: true });
  }
}

/** File systems allow 255 bytes a name: what is added must not push an allowed output name over. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= 160) return name;
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
}

function machine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
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
