import { Inflate } from 'fflate';
import { ModelFormatError, UnsupportedModelError } from '../../errors';
import type { ZipArchive } from './readZip';
import { DEFLATED, LOCAL_HEADER, LOCAL_HEADER_SIZE, STORED, type ZipEntry } from './zipEntry';

/** Where an entry's data lie in the archive, and the local header's extra fields in front of them. */
export interface ZipDataRange {
  readonly offset: number;
  readonly length: number;
  readonly localExtra: Uint8Array;
}

/** deflate can not shrink further than 1032:1; input pieces of this size give at most 16 MiB each. */
const INFLATE_STEP = 16 * 1024;

/**
 * Finds the data of an entry behind its local header.
 * @throws ModelFormatError when the local header is missing, names another file, or the data reach into what follows.
 */
export function zipDataRange(archive: ZipArchive, entry: ZipEntry): ZipDataRange {
  const { source } = archive;
  const at = entry.headerOffset;
  const header = source.read(at, LOCAL_HEADER_SIZE);
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (view.getUint32(0, true) !== LOCAL_HEADER) {
    throw new ModelFormatError(`the zip entry ${entry.name} is not where the directory says`, at);
  }
  const nameLength = view.getUint16(26, true);
  const extraLength = view.getUint16(28, true);
  const offset = at + LOCAL_HEADER_SIZE + nameLength + extraLength;
  const isStored = entry.method === STORED;
  const liesAboutSize = isStored && entry.size !== entry.compressedSize;
  if (liesAboutSize || offset + entry.compressedSize > entry.limit) {
    throw new ModelFormatError(
      `the zip entry ${entry.name} claims ${entry.size} bytes, which its place has no room for`,
      at,
    );
  }
  const tail = source.read(at + LOCAL_HEADER_SIZE, nameLength + extraLength);
  if (!isSame(tail.subarray(0, nameLength), entry.nameBytes)) {
    throw new ModelFormatError(
      `the zip directory and the file disagree on the name ${entry.name}`,
      at,
    );
  }
  return { offset, length: entry.compressedSize, localExtra: tail.slice(nameLength) };
}

/**
 * The bytes of an entry, inflated where needed.
 * @throws ModelFormatError when there are more than `limit` bytes, or not as many as the directory says.
 */
export function readZipEntry(archive: ZipArchive, entry: ZipEntry, limit: number): Uint8Array {
  if (entry.size > limit) {
    throw new ModelFormatError(
      `the zip entry ${entry.name} has ${entry.size} bytes; at most ${limit} are read`,
      entry.headerOffset,
    );
  }
  const { offset, length } = zipDataRange(archive, entry);
  switch (entry.method) {
    case STORED:
      return archive.source.read(offset, length);
    case DEFLATED:
      return inflate(archive, entry, offset);
    default:
      throw new UnsupportedModelError(
        `the zip entry ${entry.name} is compressed by method ${entry.method}; only deflate is read`,
      );
  }
}

/** Inflates step by step, so that a bomb is noticed once it exceeds what the directory promised. */
function inflate(archive: ZipArchive, entry: ZipEntry, offset: number): Uint8Array {
  const bytes = new Uint8Array(entry.size);
  let size = 0;
  const inflater = new Inflate((chunk) => {
    if (size + chunk.length <= bytes.length) bytes.set(chunk, size);
    size += chunk.length;
  });
  for (let done = 0; done < entry.compressedSize && size <= entry.size; done += INFLATE_STEP) {
    const step = Math.min(INFLATE_STEP, entry.compressedSize - done);
    const input = archive.source.read(offset + done, step);
    try {
      inflater.push(input, done + step === entry.compressedSize);
    } catch (cause) {
      const what = `the zip entry ${entry.name} cannot be inflated`;
      throw new ModelFormatError(what, entry.headerOffset, { cause });
    }
  }
  if (size !== entry.size) {
    throw new ModelFormatError(
      `the zip entry ${entry.name} does not inflate to the ${entry.size} bytes it promises`,
      entry.headerOffset,
    );
  }
  return bytes;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, idx) => byte === b[idx]);
}
