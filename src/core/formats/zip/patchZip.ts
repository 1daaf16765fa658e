import { pieceLength, type ChecksumPatch, type Piece } from '../../bytes/outputPlan';
import { ModelFormatError } from '../../errors';
import type { ZipArchive } from './readZip';
import type { ZipPlan } from './writeZip';
import { zipDataRange } from './zipContent';
import { DATA_DESCRIPTOR, HAS_DESCRIPTOR, STORED, type ZipEntry } from './zipEntry';

/** Bytes of the archive that become a piece of the same length. */
export interface ZipPatch {
  readonly offset: number;
  readonly piece: Piece;
}

/**
 * The archive with some bytes of stored entries replaced: everything keeps its place, and only the checksums of the
 * entries concerned change. `source` is the archive's number among the plan's sources.
 * @throws ModelFormatError when a patch does not lie within one stored entry.
 */
export function patchZip(
  archive: ZipArchive,
  patches: readonly ZipPatch[],
  source: number,
): ZipPlan {
  const sorted = patches.toSorted((a, b) => a.offset - b.offset);
  const pieces: Piece[] = [];
  let at = 0;
  const copyTo = (end: number): void => {
    if (end > at) pieces.push({ kind: 'copy', source, offset: at, length: end - at });
    at = end;
  };
  for (const { offset, piece } of sorted) {
    if (offset < at) throw new Error('patches of an archive overlap');
    copyTo(offset);
    pieces.push(piece);
    at += pieceLength(piece);
  }
  copyTo(archive.source.sizeBytes);
  const changed = new Set(sorted.map((patch) => entryOf(archive, patch)));
  return { pieces, checksums: [...changed].map((entry) => checksumOf(archive, entry)) };
}

function entryOf(archive: ZipArchive, { offset, piece }: ZipPatch): ZipEntry {
  const entry = archive.entries.findLast(({ headerOffset }) => headerOffset <= offset);
  const range = entry && zipDataRange(archive, entry);
  const end = offset + pieceLength(piece);
  const isInside = range && offset >= range.offset && end <= range.offset + range.length;
  if (entry?.method !== STORED || !isInside) {
    throw new ModelFormatError('the bytes to change belong to no stored zip entry', offset);
  }
  return entry;
}

/** The CRC stands in the directory, and in the local header or behind the data. */
function checksumOf(archive: ZipArchive, entry: ZipEntry): ChecksumPatch {
  const { offset, length } = zipDataRange(archive, entry);
  const end = offset + length;
  const isBehind = (entry.flags & HAS_DESCRIPTOR) !== 0;
  const local = isBehind ? end + (hasSignature(archive, end) ? 4 : 0) : entry.headerOffset + 14;
  return { from: offset, length, at: [local, entry.recordOffset + 16] };
}

/** A data descriptor may begin with a signature or not. */
function hasSignature(archive: ZipArchive, at: number): boolean {
  const bytes = archive.source.read(at, 4);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === DATA_DESCRIPTOR;
}
