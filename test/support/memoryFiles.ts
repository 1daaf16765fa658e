import { MemorySource, type SiblingFiles } from '../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../src/core/errors';

/** A folder in memory: relative path → bytes. */
export function memoryFiles(files: Readonly<Record<string, Uint8Array>> = {}): SiblingFiles {
  return {
    open: (path) => {
      const bytes = files[path];
      if (bytes === undefined) throw new ModelFormatError(`${path} is missing`);
      return new MemorySource(bytes, path);
    },
  };
}
