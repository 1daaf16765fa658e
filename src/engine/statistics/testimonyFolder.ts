import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Testimony } from '../../core/statistics/testify';
import { createTemporaryFile } from '../writer/temporaryFile';
import { decodeTestimony } from './decodeTestimony';

/** A network of a few hundred pairs takes some megabytes. */
const MAX_FOLDER_BYTES = 128 * 1024 * 1024;
const MAX_FILES = 256;
const SUFFIX = '.testimony';
const HASH_BYTES = 32;

/**
 * What statistics testified, kept on the disk from one session to the next: one file a key, written whole or not at
 * all, with a hash over its content. A file that is damaged, or that another version wrote, counts as absent, and so
 * does a folder that cannot be written: then the test runs again.
 */
export class TestimonyFolder {
  constructor(private readonly folder: string) {}

  read(key: string): Testimony | null {
    const path = this.pathOf(key);
    try {
      const bytes = readFileSync(path);
      const payload = bytes.subarray(HASH_BYTES);
      if (!hashOf(payload).equals(bytes.subarray(0, HASH_BYTES))) return null;
      const now = new Date();
      // What is used stays longest.
      utimesSync(path, now, now);
      return decodeTestimony(deserialize(payload));
    } catch {
      // Not there, not readable, or written by another version of Node: the test tells the same again.
      return null;
    }
  }

  write(key: string, testimony: Testimony): void {
    const payload = serialize(testimony);
    try {
      mkdirSync(this.folder, { recursive: true });
      const path = this.pathOf(key);
      const temporary = createTemporaryFile(path);
      writeFileSync(temporary, Buffer.concat([hashOf(payload), payload]));
      renameSync(temporary, path);
      this.forgetOldest();
    } catch {
      // A full or read-only disk costs time at the next opening and nothing else.
    }
  }

  private pathOf(key: string): string {
    return join(this.folder, key + SUFFIX);
  }

  private forgetOldest(): void {
    const files = readdirSync(this.folder)
      .filter((name) => name.endsWith(SUFFIX))
      .flatMap((name) => {
        const path = join(this.folder, name);
        const stats = statSync(path, { throwIfNoEntry: false });
        return stats === undefined ? [] : [{ path, sizeBytes: stats.size, usedMs: stats.mtimeMs }];
      })
      .toSorted((a, b) => b.usedMs - a.usedMs);
    let kept = 0;
    files.forEach(({ path, sizeBytes }, rank) => {
      kept += sizeBytes;
      if (kept > MAX_FOLDER_BYTES || rank >= MAX_FILES) rmSync(path, { force: true });
    });
  }
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
