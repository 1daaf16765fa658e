import { closeSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';

/** Bytes to be written: as they are, or so many that a function fills in later. */
export type Part = Uint8Array | Fill;

export interface Fill {
  readonly length: number;
  /** Fills `target` with the bytes from `offset` on; null leaves a hole. */
  readonly fill: ((target: Uint8Array, offset: number) => void) | null;
}

/** How the values of a made-up tensor are spread. */
export interface Spread {
  readonly around: number;
  readonly deviation: number;
}

const BLOCK_BYTES = 4 * 1024 * 1024;

/** Made-up float32 values, the same for the same seed. */
export function randomFloats(count: number, { around, deviation }: Spread, seed: number): Fill {
  return {
    length: 4 * count,
    fill: (target, offset) => {
      const values = new Float32Array(target.length / 4);
      let state = Math.imul(seed * 2654435761 + offset, 0x9e3779b1) | 1;
      for (let idx = 0; idx < values.length; idx++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        // Uniform with the wanted deviation.
        values[idx] = around + deviation * 1.7320508 * (state / 0x80000000);
      }
      target.set(new Uint8Array(values.buffer));
    },
  };
}

/** Writes parts as one file, which appears when it is complete. */
export function writeParts(path: string, parts: readonly Part[]): void {
  const temporary = `${path}.part`;
  const file = openSync(temporary, 'w');
  let position = 0;
  for (const part of parts) {
    for (const { bytes, offset } of blocksOf(part)) {
      writeSync(file, bytes, 0, bytes.length, position + offset);
    }
    position += part.length;
  }
  ftruncateSync(file, position);
  closeSync(file);
  renameSync(temporary, path);
}

/** The bytes of a part, block by block; a hole has none. */
export function* blocksOf(part: Part): Generator<{ bytes: Uint8Array; offset: number }> {
  if (part instanceof Uint8Array) {
    yield { bytes: part, offset: 0 };
    return;
  }
  if (part.fill === null) return;
  for (let offset = 0; offset < part.length; offset += BLOCK_BYTES) {
    const bytes = new Uint8Array(Math.min(BLOCK_BYTES, part.length - offset));
    part.fill(bytes, offset);
    yield { bytes, offset };
  }
}
