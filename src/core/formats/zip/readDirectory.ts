import type { ByteSource } from '../../bytes/byteSource';
import { concatBytes } from '../../bytes/concatBytes';
import { decodeUtf8 } from '../../bytes/utf8';
import { ModelFormatError, UnsupportedModelError } from '../../errors';
import { extraFields } from './extraFields';
import { safeUint64 } from './safeUint64';
import {
  CENTRAL_HEADER,
  CENTRAL_HEADER_SIZE,
  IS_ENCRYPTED,
  LOCAL_HEADER_SIZE,
  MAX_UINT32,
  ZIP64_EXTRA,
  type ZipEntry,
} from './zipEntry';

/** The largest checkpoints have some ten thousand storages; a directory beyond this is hostile. */
const MAX_ENTRIES = 100_000;
/** A record has some eighty bytes; this allows twice as much for every entry. */
const MAX_DIRECTORY_BYTES = 16 * 1024 * 1024;
const EMPTY = new Uint8Array();

/**
 * Reads the records of the central directory, in the order of their data. `end` is where the records that close the
 * archive start.
 * @throws ModelFormatError when names repeat, entries overlap, or the directory does not fit the file.
 */
export function readDirectory(
  source: ByteSource,
  place: { readonly offset: number; readonly size: number; readonly entryCount: number },
  end: number,
): readonly ZipEntry[] {
  const { offset, size, entryCount } = place;
  if (entryCount > MAX_ENTRIES || size > MAX_DIRECTORY_BYTES) {
    throw new ModelFormatError(
      `the zip directory claims ${entryCount} entries in ${size} bytes; at most ${MAX_ENTRIES} in ${MAX_DIRECTORY_BYTES} are read`,
    );
  }
  if (offset + size > end || entryCount * CENTRAL_HEADER_SIZE > size) {
    throw new ModelFormatError(
      `the zip directory of ${entryCount} entries in ${size} bytes does not fit before byte ${end}`,
      offset,
    );
  }
  const bytes = source.read(offset, size);
  const records: ZipEntry[] = [];
  let at = 0;
  for (let idx = 0; idx < entryCount; idx++) {
    const { entry, length } = readRecord(bytes, at, offset);
    records.push(entry);
    at += length;
  }
  assertUniqueNames(records);
  return withLimits(records, offset);
}

function readRecord(
  bytes: Uint8Array,
  at: number,
  base: number,
): { readonly entry: ZipEntry; readonly length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (at + CENTRAL_HEADER_SIZE > bytes.length || view.getUint32(at, true) !== CENTRAL_HEADER) {
    throw new ModelFormatError('a record of the zip directory is missing', base + at);
  }
  const nameLength = view.getUint16(at + 28, true);
  const extraLength = view.getUint16(at + 30, true);
  const commentLength = view.getUint16(at + 32, true);
  const length = CENTRAL_HEADER_SIZE + nameLength + extraLength + commentLength;
  if (at + length > bytes.length) {
    throw new ModelFormatError('a record of the zip directory is cut off', base + at);
  }
  const nameAt = at + CENTRAL_HEADER_SIZE;
  const nameBytes = bytes.subarray(nameAt, nameAt + nameLength);
  const allExtra = bytes.subarray(nameAt + nameLength, nameAt + nameLength + extraLength);
  const wide = readWideFields(view, at, allExtra);
  const flags = view.getUint16(at + 8, true);
  const name = decodeUtf8(nameBytes);
  if ((flags & IS_ENCRYPTED) !== 0) {
    throw new UnsupportedModelError(`the zip entry ${name} is encrypted`);
  }
  return {
    length,
    entry: {
      name,
      nameBytes,
      flags,
      versionMadeBy: view.getUint16(at + 4, true),
      versionNeeded: view.getUint16(at + 6, true),
      method: view.getUint16(at + 10, true),
      modified: view.getUint32(at + 12, true),
      crc32: view.getUint32(at + 16, true),
      internalAttributes: view.getUint16(at + 36, true),
      externalAttributes: view.getUint32(at + 38, true),
      extra: withoutZip64(allExtra),
      comment: commentLength === 0 ? EMPTY : bytes.slice(at + length - commentLength, at + length),
      recordOffset: base + at,
      limit: 0,
      ...wide,
    },
  };
}

/** Sizes and offset: from the record, or from its zip64 field where the record's place is too narrow. */
function readWideFields(
  view: DataView,
  at: number,
  extra: Uint8Array,
): Pick<ZipEntry, 'compressedSize' | 'size' | 'headerOffset'> {
  const zip64 = extraFields(extra).find(({ id }) => id === ZIP64_EXTRA)?.content;
  const wide = zip64 ? new DataView(zip64.buffer, zip64.byteOffset, zip64.length) : null;
  let wideAt = 0;
  const widen = (narrow: number, what: string): number => {
    if (narrow !== MAX_UINT32) return narrow;
    if (wide === null || wideAt + 8 > wide.byteLength) {
      throw new ModelFormatError(`a zip entry lacks its zip64 ${what}`);
    }
    wideAt += 8;
    return safeUint64(wide, wideAt - 8, what);
  };
  const size = widen(view.getUint32(at + 24, true), 'size');
  const compressedSize = widen(view.getUint32(at + 20, true), 'compressed size');
  const headerOffset = widen(view.getUint32(at + 42, true), 'offset');
  return { size, compressedSize, headerOffset };
}

function withoutZip64(extra: Uint8Array): Uint8Array {
  if (extra.length === 0) return EMPTY;
  return concatBytes(
    extraFields(extra)
      .filter(({ id }) => id !== ZIP64_EXTRA)
      .map(({ whole }) => whole),
  );
}

function assertUniqueNames(entries: readonly ZipEntry[]): void {
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) throw new ModelFormatError(`the zip file holds the name ${name} twice`);
    seen.add(name);
  }
}

/** Sorts by place and gives each entry the place where the next one starts; what reaches beyond it overlaps. */
function withLimits(entries: readonly ZipEntry[], directoryOffset: number): ZipEntry[] {
  const sorted = entries.toSorted((a, b) => a.headerOffset - b.headerOffset);
  return sorted.map((entry, idx) => {
    const limit = sorted[idx + 1]?.headerOffset ?? directoryOffset;
    const least = LOCAL_HEADER_SIZE + entry.nameBytes.length + entry.compressedSize;
    if (entry.headerOffset + least > limit) {
      throw new ModelFormatError(
        `the zip entry ${entry.name} overlaps what follows it at byte ${limit}`,
        entry.headerOffset,
      );
    }
    return { ...entry, limit };
  });
}
