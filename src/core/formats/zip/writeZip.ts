import { concatBytes } from '../../bytes/concatBytes';
import { pieceLength, type ChecksumPatch, type Piece } from '../../bytes/outputPlan';
import { extraFields } from './extraFields';
import type { ZipArchive } from './readZip';
import { zipDataRange } from './zipContent';
import {
  HAS_DESCRIPTOR,
  LOCAL_HEADER_SIZE,
  PADDING_EXTRA,
  STORED,
  ZIP64_EXTRA,
  type ZipEntry,
} from './zipEntry';
import {
  centralHeader,
  dataDescriptor,
  descriptorCrcAt,
  endOfDirectory,
  localHeader,
  zip64Extra,
  type PlacedEntry,
} from './zipRecords';

/** An entry of the new archive: an old one as it is (`content` null), or stored bytes under its header fields. */
export interface ZipOutput {
  readonly entry: ZipEntry;
  readonly content: readonly Piece[] | null;
}

export interface ZipPlan {
  readonly pieces: readonly Piece[];
  readonly checksums: readonly ChecksumPatch[];
}

/** Bytes of a padding field without padding. */
const EMPTY_PADDING = 4;
const PADDING_BYTE = 0x5a;

/**
 * Lays out a new archive. Untouched entries keep their bytes and checksums; every entry PyTorch would align is
 * aligned again, exactly as PyTorch does it, so that `torch.load(mmap=True)` works and computed offsets are right.
 * `source` is the archive's number among the plan's sources.
 */
export function writeZip(
  archive: ZipArchive,
  outputs: readonly ZipOutput[],
  options: { readonly source: number; readonly alignment: number },
): ZipPlan {
  const pieces: Piece[] = [];
  const checksums: ChecksumPatch[] = [];
  const crcPlaces: number[][] = [];
  const placed: PlacedEntry[] = [];
  let at = 0;
  const put = (piece: Piece): void => {
    pieces.push(piece);
    at += pieceLength(piece);
  };

  for (const { entry, content } of outputs) {
    const old = content === null ? zipDataRange(archive, entry) : null;
    const data: readonly Piece[] =
      content ?? (old ? [{ kind: 'copy', source: options.source, ...pick(old) }] : []);
    const length = data.reduce((sum, piece) => sum + pieceLength(piece), 0);
    const record = placeEntry(entry, content === null, length, at);
    const isAligned = content !== null || old === null || hasPadding(old.localExtra);
    const extra = concatBytes([
      zip64Extra(record),
      ...(old === null ? [] : otherFields(old.localExtra)),
    ]);
    const padding = isAligned
      ? paddingField(at + LOCAL_HEADER_SIZE + entry.nameBytes.length + extra.length, options)
      : new Uint8Array();
    const places: number[] = [];
    const header = localHeader(record, concatBytes([extra, padding]));
    if (!record.hasDescriptor) places.push(at + 14);
    put({ kind: 'bytes', bytes: header });
    const from = at;
    data.filter((piece) => pieceLength(piece) > 0).forEach(put);
    if (record.hasDescriptor) {
      places.push(at + descriptorCrcAt);
      put({ kind: 'bytes', bytes: dataDescriptor(record) });
    }
    if (content !== null) checksums.push({ from, length, at: places });
    crcPlaces.push(places);
    placed.push(record);
  }

  const directoryOffset = at;
  placed.forEach((record, idx) => {
    if (outputs[idx]?.content !== null) crcPlaces[idx]?.push(at + 16);
    put({ kind: 'bytes', bytes: centralHeader(record) });
  });
  const end = endOfDirectory(placed.length, directoryOffset, at, archive);
  put({ kind: 'bytes', bytes: end });
  return { pieces, checksums };
}

/** A new entry for stored bytes under `name`, with the header fields of `like`. */
export function newZipEntry(like: ZipEntry, name: string, nameBytes: Uint8Array): ZipEntry {
  return { ...like, name, nameBytes, method: STORED, comment: new Uint8Array() };
}

function placeEntry(entry: ZipEntry, isOld: boolean, length: number, at: number): PlacedEntry {
  const hasDescriptor = (entry.flags & HAS_DESCRIPTOR) !== 0 && (length > 0 || isOld);
  return {
    entry,
    headerOffset: at,
    method: isOld ? entry.method : STORED,
    flags: hasDescriptor ? entry.flags : entry.flags & ~HAS_DESCRIPTOR,
    hasDescriptor,
    crc32: isOld ? entry.crc32 : 0,
    size: isOld ? entry.size : length,
    compressedSize: length,
  };
}

function pick(range: { readonly offset: number; readonly length: number }): {
  readonly offset: number;
  readonly length: number;
} {
  return { offset: range.offset, length: range.length };
}

function hasPadding(extra: Uint8Array): boolean {
  return extraFields(extra).some(({ id }) => id === PADDING_EXTRA);
}

function otherFields(extra: Uint8Array): Uint8Array[] {
  return extraFields(extra)
    .filter(({ id }) => id !== PADDING_EXTRA && id !== ZIP64_EXTRA)
    .map(({ whole }) => whole);
}

/** The extra field that moves the data to a multiple of the alignment; `end` is where the other fields end. */
function paddingField(end: number, { alignment }: { readonly alignment: number }): Uint8Array {
  const count = (alignment - ((end + EMPTY_PADDING) % alignment)) % alignment;
  const field = new Uint8Array(EMPTY_PADDING + count).fill(PADDING_BYTE);
  const view = new DataView(field.buffer);
  view.setUint16(0, PADDING_EXTRA, true);
  view.setUint16(2, count, true);
  return field;
}
