import type { ByteSource } from '../../bytes/byteSource';
import { ModelFormatError, UnsupportedModelError } from '../../errors';
import { readDirectory } from './readDirectory';
import { safeUint64 } from './safeUint64';
import {
  END_OF_DIRECTORY,
  END_OF_DIRECTORY_SIZE,
  MAX_UINT16,
  ZIP64_END_OF_DIRECTORY,
  ZIP64_END_OF_DIRECTORY_SIZE,
  ZIP64_LOCATOR,
  ZIP64_LOCATOR_SIZE,
  type ZipEntry,
} from './zipEntry';

/** A zip archive's directory. Nothing of the entries themselves is read. */
export interface ZipArchive {
  readonly source: ByteSource;
  /** In the order of their data. */
  readonly entries: readonly ZipEntry[];
  readonly entriesByName: ReadonlyMap<string, ZipEntry>;
  /** Whether the archive closes with zip64 records, as PyTorch's always do. */
  readonly hasZip64End: boolean;
  readonly comment: Uint8Array;
}

/** Where the end record says the directory is. */
interface DirectoryPlace {
  readonly offset: number;
  readonly size: number;
  readonly entryCount: number;
}

/** The longest comment, and so the farthest the end record can be from the end of the file. */
const MAX_TAIL = END_OF_DIRECTORY_SIZE + MAX_UINT16 + ZIP64_LOCATOR_SIZE;

/**
 * Reads the central directory.
 * @throws ModelFormatError when the archive is cut off or contradicts itself: duplicate names, entries that overlap
 * one another or the directory, counts that do not fit.
 */
export function readZip(source: ByteSource): ZipArchive {
  const tailLength = Math.min(source.sizeBytes, MAX_TAIL);
  const tailOffset = source.sizeBytes - tailLength;
  const tail = source.read(tailOffset, tailLength);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  const end = findEnd(view);
  if (end === null) {
    throw new ModelFormatError(`${source.name} is a zip file without its end: it is cut off`);
  }
  const zip64 = readZip64End(source, view, end, tailOffset);
  const place = zip64 ?? readEnd(view, end);
  const directoryEnd = tailOffset + end;
  const entries = readDirectory(source, place, directoryEnd);
  return {
    source,
    entries,
    entriesByName: new Map(entries.map((entry) => [entry.name, entry])),
    hasZip64End: zip64 !== null,
    comment: tail.slice(end + END_OF_DIRECTORY_SIZE),
  };
}

/** Position of the end record in the tail: the last one whose comment ends where the file does. */
function findEnd(view: DataView): number | null {
  for (let at = view.byteLength - END_OF_DIRECTORY_SIZE; at >= 0; at--) {
    if (view.getUint32(at, true) !== END_OF_DIRECTORY) continue;
    const commentLength = view.getUint16(at + 20, true);
    if (at + END_OF_DIRECTORY_SIZE + commentLength === view.byteLength) return at;
  }
  return null;
}

function readEnd(view: DataView, at: number): DirectoryPlace {
  if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 6, true) !== 0) {
    throw new UnsupportedModelError('the zip file is one of several volumes');
  }
  return {
    entryCount: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
}

/** The zip64 end record, when the archive has one: then it says more than the old record can. */
function readZip64End(
  source: ByteSource,
  tail: DataView,
  end: number,
  tailOffset: number,
): DirectoryPlace | null {
  const locator = end - ZIP64_LOCATOR_SIZE;
  if (locator < 0 || tail.getUint32(locator, true) !== ZIP64_LOCATOR) return null;
  const offset = safeUint64(tail, locator + 8, 'offset of the zip64 end record');
  const record = source.read(offset, ZIP64_END_OF_DIRECTORY_SIZE);
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  if (view.getUint32(0, true) !== ZIP64_END_OF_DIRECTORY) {
    throw new ModelFormatError('the zip64 end record is not where its locator points', offset);
  }
  if (offset + ZIP64_END_OF_DIRECTORY_SIZE > tailOffset + locator) {
    throw new ModelFormatError('the zip64 end record overlaps its locator', offset);
  }
  if (view.getUint32(16, true) !== 0 || view.getUint32(20, true) !== 0) {
    throw new UnsupportedModelError('the zip file is one of several volumes');
  }
  return {
    entryCount: safeUint64(view, 32, 'number of zip entries'),
    size: safeUint64(view, 40, 'size of the zip directory'),
    offset: safeUint64(view, 48, 'offset of the zip directory'),
  };
}
