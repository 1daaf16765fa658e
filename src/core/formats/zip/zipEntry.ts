/** One file inside a zip archive, as the central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  /** The name's own bytes: what is written back is what was read. */
  readonly nameBytes: Uint8Array;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  /** General purpose bits; bit 3 says that a data descriptor follows the data. */
  readonly flags: number;
  readonly versionMadeBy: number;
  readonly versionNeeded: number;
  /** DOS time in the low half, DOS date in the high half, as stored. */
  readonly modified: number;
  readonly crc32: number;
  readonly compressedSize: number;
  /** Size once inflated. */
  readonly size: number;
  readonly internalAttributes: number;
  readonly externalAttributes: number;
  /** Extra fields of the central record, without zip64's. */
  readonly extra: Uint8Array;
  readonly comment: Uint8Array;
  /** Where its record in the central directory starts. */
  readonly recordOffset: number;
  /** Where the local header starts. */
  readonly headerOffset: number;
  /** Where the next entry, or the directory, starts: this entry's bytes end before it. */
  readonly limit: number;
}

export const STORED = 0;
export const DEFLATED = 8;

/** Bit 3 of `flags`: CRC and sizes follow the data. */
export const HAS_DESCRIPTOR = 0x0008;
/** Bit 0 of `flags`. */
export const IS_ENCRYPTED = 0x0001;

/** Sizes, offsets and counts at or above these live in zip64 fields. */
export const MAX_UINT32 = 0xffffffff;
export const MAX_UINT16 = 0xffff;

export const LOCAL_HEADER = 0x04034b50;
export const CENTRAL_HEADER = 0x02014b50;
export const DATA_DESCRIPTOR = 0x08074b50;
export const END_OF_DIRECTORY = 0x06054b50;
export const ZIP64_END_OF_DIRECTORY = 0x06064b50;
export const ZIP64_LOCATOR = 0x07064b50;

export const LOCAL_HEADER_SIZE = 30;
export const CENTRAL_HEADER_SIZE = 46;
export const END_OF_DIRECTORY_SIZE = 22;
export const ZIP64_END_OF_DIRECTORY_SIZE = 56;
export const ZIP64_LOCATOR_SIZE = 20;

/** Ids of extra fields: zip64 sizes, and the padding PyTorch aligns its tensors with. */
export const ZIP64_EXTRA = 0x0001;
export const PADDING_EXTRA = 0x4246;
