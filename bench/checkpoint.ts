import { crc32 } from 'node:zlib';
import { blocksOf, randomFloats, writeParts, type Part, type Spread } from './parts';
import { pickleStateDict, type PickledTensor } from './pickle';

/** Storages begin at multiples of this, so that `torch.load(mmap=True)` works. */
const ALIGNMENT = 64;

/** Collects the tensors of a state_dict and writes them as `torch.save` does: each float32, in a storage of its own. */
export class Checkpoint {
  private readonly tensors: PickledTensor[] = [];
  private readonly storages: Part[] = [];

  add(key: string, shape: readonly number[], values: Float32Array | Part): void {
    const storage = String(this.storages.length);
    this.tensors.push({ key, storage, type: 'FloatStorage', shape });
    this.storages.push(values instanceof Float32Array ? new Uint8Array(values.buffer) : values);
  }

  /** Adds made-up values, the same for the same place in the file, and returns them as a part. */
  addRandom(key: string, shape: readonly number[], spread: Spread): Part {
    const count = shape.reduce((product, dim) => product * dim, 1);
    const values = randomFloats(count, spread, this.storages.length + 1);
    this.add(key, shape, values);
    return values;
  }

  write(path: string): void {
    writeZip(path, [
      { name: 'checkpoint/data.pkl', content: pickleStateDict(this.tensors) },
      { name: 'checkpoint/byteorder', content: new TextEncoder().encode('little') },
      ...this.storages.map((content, idx) => ({ name: `checkpoint/data/${idx}`, content })),
      { name: 'checkpoint/version', content: new TextEncoder().encode('3\n') },
    ]);
  }
}

/**
 * Writes a checkpoint of `layers` convolutions of 1024 → 1024 channels, 3×3, each with its BatchNorm: 38 MB a layer.
 * Its statistics are made up and say nothing.
 */
export function writeCheckpoint(path: string, layers: number): void {
  const checkpoint = new Checkpoint();
  for (let layer = 0; layer < layers; layer++) {
    const name = `layers.${layer}`;
    const vector = (leaf: string, around: number, deviation: number): Part =>
      checkpoint.addRandom(`${name}.bn.${leaf}`, [1024], { around, deviation });
    checkpoint.addRandom(`${name}.conv.weight`, [1024, 1024, 3, 3], {
      around: 0,
      deviation: 0.015,
    });
    vector('weight', 1, 0.1);
    vector('bias', 0, 0.1);
    vector('running_mean', 0, 0.2);
    vector('running_var', 1, 0.1);
  }
  checkpoint.write(path);
}

interface Entry {
  readonly name: string;
  readonly content: Part;
}

/** A zip archive of stored entries below 4 GB. */
function writeZip(path: string, entries: readonly Entry[]): void {
  const parts: Part[] = [];
  const directory: Uint8Array[] = [];
  let position = 0;
  for (const { name, content } of entries) {
    const crc = checksum(content);
    const head = (extra: number): Uint8Array =>
      record(0x04034b50, name, crc, content.length, extra);
    const gap = (ALIGNMENT - ((position + head(4).length) % ALIGNMENT)) % ALIGNMENT;
    const local = head(4 + gap);
    directory.push(record(0x02014b50, name, crc, content.length, 0, position));
    parts.push(local, content);
    position += local.length + content.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, entries.length, true);
  end.setUint16(10, entries.length, true);
  end.setUint32(12, size, true);
  end.setUint32(16, position, true);
  writeParts(path, [...parts, ...directory, new Uint8Array(end.buffer)]);
}

/** A local header, or with `offset` an entry of the central directory; `extra` bytes of padding in an extra field. */
function record(
  signature: number,
  name: string,
  crc: number,
  size: number,
  extra: number,
  offset: number | null = null,
): Uint8Array {
  const isCentral = offset !== null;
  const fixed = isCentral ? 46 : 30;
  const view = new DataView(new ArrayBuffer(fixed + name.length + extra));
  view.setUint32(0, signature, true);
  // From "version needed" on, both kinds agree; the directory has "version made by" before it.
  const at = isCentral ? 6 : 4;
  if (isCentral) view.setUint16(4, 20, true);
  view.setUint16(at, 20, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, size, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, name.length, true);
  view.setUint16(at + 24, extra, true);
  if (offset !== null) view.setUint32(42, offset, true);
  const bytes = new Uint8Array(view.buffer);
  bytes.set(new TextEncoder().encode(name), fixed);
  if (extra >= 4) {
    view.setUint16(fixed + name.length, 0x4246, true);
    view.setUint16(fixed + name.length + 2, extra - 4, true);
  }
  return bytes;
}

function checksum(content: Part): number {
  let crc = 0;
  for (const { bytes } of blocksOf(content)) crc = crc32(bytes, crc);
  return crc;
}
