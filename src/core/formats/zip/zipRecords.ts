import { concatBytes } from '../../bytes/concatBytes';
import type { ZipArchive } from './readZip';
import {
  CENTRAL_HEADER,
  CENTRAL_HEADER_SIZE,
  DATA_DESCRIPTOR,
  END_OF_DIRECTORY,
  END_OF_DIRECTORY_SIZE,
  LOCAL_HEADER,
  LOCAL_HEADER_SIZE,
  MAX_UINT16,
  MAX_UINT32,
  ZIP64_END_OF_DIRECTORY,
  ZIP64_END_OF_DIRECTORY_SIZE,
  ZIP64_EXTRA,
  ZIP64_LOCATOR,
  ZIP64_LOCATOR_SIZE,
  type ZipEntry,
} from './zipEntry';

/** An entry with its place and sizes in the new archive. */
export interface PlacedEntry {
  readonly entry: ZipEntry;
  readonly headerOffset: number;
  readonly method: number;
  readonly flags: number;
  readonly hasDescriptor: boolean;
  /** 0 where the writer computes it. */
  readonly crc32: number;
  readonly size: number;
  readonly compressedSize: number;
}

/** "Version needed" of an entry or directory with zip64 fields. */
const ZIP64_VERSION = 45;
const ZIP64_MADE_BY = 0x031e;

/** The local header with its name and extra fields. CRC and sizes are 0 where a descriptor follows the data. */
export function localHeader(record: PlacedEntry, extra: Uint8Array): Uint8Array {
  const { entry } = record;
  const isDeferred = record.hasDescriptor;
  const view = new DataView(new ArrayBuffer(LOCAL_HEADER_SIZE));
  view.setUint32(0, LOCAL_HEADER, true);
  view.setUint16(4, entry.versionNeeded, true);
  view.setUint16(6, record.flags, true);
  view.setUint16(8, record.method, true);
  view.setUint32(10, entry.modified, true);
  view.setUint32(14, isDeferred ? 0 : record.crc32, true);
  view.setUint32(18, isDeferred ? 0 : narrow(record, record.compressedSize), true);
  view.setUint32(22, isDeferred ? 0 : narrow(record, record.size), true);
  view.setUint16(26, entry.nameBytes.length, true);
  view.setUint16(28, extra.length, true);
  return concatBytes([new Uint8Array(view.buffer), entry.nameBytes, extra]);
}

/** Position of the CRC in a data descriptor. */
export const descriptorCrcAt = 4;

/** The record behind the data: CRC and sizes, 64-bit where the entry has a zip64 field. */
export function dataDescriptor(record: PlacedEntry): Uint8Array {
  const isWide = needsZip64(record);
  const view = new DataView(new ArrayBuffer(isWide ? 24 : 16));
  view.setUint32(0, DATA_DESCRIPTOR, true);
  view.setUint32(descriptorCrcAt, record.crc32, true);
  if (isWide) {
    setUint64(view, 8, record.compressedSize);
    setUint64(view, 16, record.size);
  } else {
    view.setUint32(8, record.compressedSize, true);
    view.setUint32(12, record.size, true);
  }
  return new Uint8Array(view.buffer);
}

/** The record of the central directory. */
export function centralHeader(record: PlacedEntry): Uint8Array {
  const { entry } = record;
  const extra = concatBytes([zip64Extra(record), entry.extra]);
  const view = new DataView(new ArrayBuffer(CENTRAL_HEADER_SIZE));
  view.setUint32(0, CENTRAL_HEADER, true);
  view.setUint16(4, entry.versionMadeBy, true);
  view.setUint16(6, entry.versionNeeded, true);
  view.setUint16(8, record.flags, true);
  view.setUint16(10, record.method, true);
  view.setUint32(12, entry.modified, true);
  view.setUint32(16, record.crc32, true);
  view.setUint32(20, narrow(record, record.compressedSize), true);
  view.setUint32(24, narrow(record, record.size), true);
  view.setUint16(28, entry.nameBytes.length, true);
  view.setUint16(30, extra.length, true);
  view.setUint16(32, entry.comment.length, true);
  view.setUint16(36, entry.internalAttributes, true);
  view.setUint32(38, entry.externalAttributes, true);
  view.setUint32(42, Math.min(record.headerOffset, MAX_UINT32), true);
  return concatBytes([new Uint8Array(view.buffer), entry.nameBytes, extra, entry.comment]);
}

/**
 * The zip64 field, empty where none is needed: both sizes when one is too large, then the offset. A local header
 * repeats the offset as PyTorch's writer does, because its reader counts on it.
 */
export function zip64Extra(record: PlacedEntry): Uint8Array {
  const hasSizes = isWide(record.size) || isWide(record.compressedSize);
  const values = [
    ...(hasSizes ? [record.size, record.compressedSize] : []),
    ...(isWide(record.headerOffset) ? [record.headerOffset] : []),
  ];
  if (values.length === 0) return new Uint8Array();
  const view = new DataView(new ArrayBuffer(4 + 8 * values.length));
  view.setUint16(0, ZIP64_EXTRA, true);
  view.setUint16(2, 8 * values.length, true);
  values.forEach((value, idx) => {
    setUint64(view, 4 + 8 * idx, value);
  });
  return new Uint8Array(view.buffer);
}

/** The records that close the archive. zip64's are written where they are needed or were before. */
export function endOfDirectory(
  entryCount: number,
  offset: number,
  end: number,
  old: ZipArchive,
): Uint8Array {
  const size = end - offset;
  const needsZip64End = isWide(offset) || isWide(size) || entryCount >= MAX_UINT16;
  const zip64 =
    old.hasZip64End || needsZip64End ? zip64End(entryCount, offset, size) : new Uint8Array();
  const view = new DataView(new ArrayBuffer(END_OF_DIRECTORY_SIZE));
  view.setUint32(0, END_OF_DIRECTORY, true);
  view.setUint16(8, Math.min(entryCount, MAX_UINT16), true);
  view.setUint16(10, Math.min(entryCount, MAX_UINT16), true);
  view.setUint32(12, Math.min(size, MAX_UINT32), true);
  view.setUint32(16, Math.min(offset, MAX_UINT32), true);
  view.setUint16(20, old.comment.length, true);
  return concatBytes([zip64, new Uint8Array(view.buffer), old.comment]);
}

function zip64End(entryCount: number, offset: number, size: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(ZIP64_END_OF_DIRECTORY_SIZE + ZIP64_LOCATOR_SIZE));
  view.setUint32(0, ZIP64_END_OF_DIRECTORY, true);
  setUint64(view, 4, ZIP64_END_OF_DIRECTORY_SIZE - 12);
  view.setUint16(12, ZIP64_MADE_BY, true);
  view.setUint16(14, ZIP64_VERSION, true);
  setUint64(view, 24, entryCount);
  setUint64(view, 32, entryCount);
  setUint64(view, 40, size);
  setUint64(view, 48, offset);
  const locator = ZIP64_END_OF_DIRECTORY_SIZE;
  view.setUint32(locator, ZIP64_LOCATOR, true);
  setUint64(view, locator + 8, offset + size);
  view.setUint32(locator + 16, 1, true);
  return new Uint8Array(view.buffer);
}

function needsZip64(record: PlacedEntry): boolean {
  return isWide(record.size) || isWide(record.compressedSize) || isWide(record.headerOffset);
}

/** A size for a 32-bit place. Where one of the two sizes is in the zip64 field, both are. */
function narrow(record: PlacedEntry, size: number): number {
  return isWide(record.size) || isWide(record.compressedSize) ? MAX_UINT32 : size;
}

function isWide(value: number): boolean {
  return value >= MAX_UINT32;
}

function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % (MAX_UINT32 + 1), true);
  view.setUint32(at + 4, Math.floor(value / (MAX_UINT32 + 1)), true);
}
