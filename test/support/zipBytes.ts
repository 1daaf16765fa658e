import { deflateRawSync } from 'node:zlib';

/** An entry of an archive to be built, and the lies to tell about it. */
export interface ZipSketch {
  readonly name: string;
  readonly data: Uint8Array;
  readonly isDeflated?: boolean;
  /** CRC and sizes behind the data instead of in front; `bare` leaves the signature out. */
  readonly descriptor?: 'signed' | 'bare';
  readonly flags?: number;
  readonly method?: number;
  /** Sizes as the directory claims them. */
  readonly claimedSize?: number;
  readonly claimedCompressedSize?: number;
  /** Where the directory says the entry starts. */
  readonly claimedOffset?: number;
  /** The name in the local header. */
  readonly localName?: string;
}

/** Builds an archive byte by byte, without the product's own writer. */
export function zipBytes(
  sketches: readonly ZipSketch[],
  more: { readonly claimedEntries?: number; readonly comment?: string } = {},
): Uint8Array {
  const parts: Buffer[] = [];
  const records: Buffer[] = [];
  let at = 0;
  for (const sketch of sketches) {
    const data = sketch.isDeflated ? deflateRawSync(sketch.data) : Buffer.from(sketch.data);
    const method = sketch.method ?? (sketch.isDeflated ? 8 : 0);
    const flags = sketch.flags ?? (sketch.descriptor ? 8 : 0);
    const crc = crc32(sketch.data);
    const local = Buffer.alloc(30);
    const localName = Buffer.from(sketch.localName ?? sketch.name);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    if (!sketch.descriptor) {
      local.writeUInt32LE(crc, 14);
      local.writeUInt32LE(data.length, 18);
      local.writeUInt32LE(sketch.data.length, 22);
    }
    local.writeUInt16LE(localName.length, 26);
    const descriptor = Buffer.alloc(sketch.descriptor ? 16 : 0);
    if (sketch.descriptor) {
      descriptor.writeUInt32LE(0x08074b50, 0);
      descriptor.writeUInt32LE(crc, 4);
      descriptor.writeUInt32LE(data.length, 8);
      descriptor.writeUInt32LE(sketch.data.length, 12);
    }
    const tail = sketch.descriptor === 'bare' ? descriptor.subarray(4) : descriptor;
    const record = Buffer.alloc(46);
    const name = Buffer.from(sketch.name);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(flags, 8);
    record.writeUInt16LE(method, 10);
    record.writeUInt32LE(crc, 16);
    record.writeUInt32LE(sketch.claimedCompressedSize ?? data.length, 20);
    record.writeUInt32LE(sketch.claimedSize ?? sketch.data.length, 24);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt32LE(sketch.claimedOffset ?? at, 42);
    records.push(record, name);
    parts.push(local, localName, data, tail);
    at += local.length + localName.length + data.length + tail.length;
  }
  const directory = Buffer.concat(records);
  const comment = Buffer.from(more.comment ?? '');
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(more.claimedEntries ?? sketches.length, 8);
  end.writeUInt16LE(more.claimedEntries ?? sketches.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return new Uint8Array(Buffer.concat([...parts, directory, end, comment]));
}

/** CRC-32 of IEEE 802.3, bit by bit. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
