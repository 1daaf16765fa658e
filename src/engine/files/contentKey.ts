import { createHash } from 'node:crypto';
import type { FileSource } from './fileSource';

/** Headers, directories and the first and last tensors lie here; together they change with every save. */
const EDGE_BYTES = 64 * 1024;

/**
 * A text that tells one content of some files from another without reading them whole: sizes, times of change, and a
 * hash of each file's head and tail. Where the files are does not matter.
 */
export function contentKey(files: readonly FileSource[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const { sizeBytes, modifiedNs } = file.identity;
    const edge = Math.min(EDGE_BYTES, sizeBytes);
    hash.update(`${sizeBytes} ${modifiedNs}\n`);
    hash.update(file.read(0, edge));
    hash.update(file.read(sizeBytes - edge, edge));
  }
  return hash.digest('hex');
}
