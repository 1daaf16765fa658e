import type { ByteSource } from '../../src/core/bytes/byteSource';
import { decodeFloats, encodeFloats } from '../../src/core/bytes/floats';
import type { ChecksumPatch, FoldPiece, OutputPlan, Piece } from '../../src/core/bytes/outputPlan';
import { itemSize } from '../../src/core/model/tensor';

/**
 * Carries out a plan in memory: file name → bytes. Slow and plain on purpose, so that tests of formats do not depend
 * on the writer of the engine, and the writer can be compared with it.
 */
export function executePlan(
  plan: OutputPlan,
  sources: readonly ByteSource[],
): ReadonlyMap<string, Uint8Array> {
  return new Map(
    plan.files.map(({ name, pieces, checksums }) => {
      const bytes = Buffer.concat(pieces.map((piece) => bytesOf(piece, sources)));
      for (const patch of checksums) putChecksum(bytes, patch);
      return [name, new Uint8Array(bytes)];
    }),
  );
}

function bytesOf(piece: Piece, sources: readonly ByteSource[]): Uint8Array {
  switch (piece.kind) {
    case 'bytes':
      return piece.bytes;
    case 'copy':
      return sources[piece.source]!.read(piece.offset, piece.length);
    case 'fold':
      return foldedBytes(piece, sources);
  }
}

/** Every element the axes reach, times the scale of its output channel; elements between them stay. */
function foldedBytes(
  { from, length, weight: { dtype, axes, scale } }: FoldPiece,
  sources: readonly ByteSource[],
): Uint8Array {
  const original =
    from.kind === 'bytes' ? from.bytes : sources[from.source]!.read(from.offset, length);
  if (original.length !== length || length % itemSize[dtype] !== 0) {
    throw new Error(`a fold of ${length} bytes has ${original.length} bytes to read`);
  }
  const before = decodeFloats(original, dtype);
  const after = before.slice();
  const walk = (depth: number, at: number, channel: number): void => {
    const axis = axes[depth];
    if (axis === undefined) {
      after[at] = before[at]! * scale[channel]!;
      return;
    }
    for (let step = 0; step < axis.count; step++) {
      walk(depth + 1, at + step * axis.stride, channel + step * axis.channelStep);
    }
  };
  walk(0, 0, 0);
  return encodeFloats(after, dtype);
}

function putChecksum(bytes: Buffer, { from, length, at }: ChecksumPatch): void {
  const checksum = crc32(bytes.subarray(from, from + length));
  for (const position of at) bytes.writeUInt32LE(checksum, position);
}

/** CRC-32 of IEEE 802.3, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
