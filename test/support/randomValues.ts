import type { ByteSource } from '../../src/core/bytes/byteSource';
import type { ModuleNetwork } from '../../src/core/model/network';
import type { OpenedModel } from '../../src/core/model/openedModel';
import { elementCount, type Tensor } from '../../src/core/model/tensor';
import { moduleModel } from './moduleNetwork';

/** How made-up running means are spread; variances, gammas and betas are always plausible ones. */
export type MeanSpread = 'normal' | 'positive' | 'uniform';

/** A model over a network with values for every tensor, which have nothing to do with one another. */
export function randomlyFilled(network: ModuleNetwork, spread: MeanSpread): OpenedModel {
  return {
    ...moduleModel(network),
    sources: [new RandomSource()],
    readValues: (tensor) => valuesOf(tensor, spread),
  };
}

function valuesOf({ name, shape, dtype }: Tensor, spread: MeanSpread): Float64Array {
  const random = generator(name);
  const count = elementCount(shape);
  const fill = (value: () => number): Float64Array => Float64Array.from({ length: count }, value);
  const normal = (): number => random() + random() + random();
  if (dtype === 'i64') return fill(() => 100);
  if (name.endsWith('running_var')) return fill(() => 1 + 0.5 * random());
  if (!name.endsWith('running_mean')) {
    return fill(name.endsWith('weight') ? () => 1 + 0.5 * random() : () => 0.3 * normal());
  }
  const means = { normal, uniform: random, positive: () => Math.abs(normal()) };
  return fill(means[spread]);
}

/** Uniform between −1 and 1, the same for the same seed. */
function generator(seed: string): () => number {
  let state = 1;
  for (const letter of seed) state = Math.imul(state ^ letter.charCodeAt(0), 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 0x80000000;
  };
}

/** Elements that are made up once; every read begins at another of them. */
const POOL = 1 << 20;

/** A source of any size whose elements are made-up float32 numbers. */
class RandomSource implements ByteSource {
  readonly name = 'random';
  readonly sizeBytes = Number.MAX_SAFE_INTEGER;
  bytesRead = 0;
  private readonly pool = Float32Array.from({ length: POOL }, generator('pool'));

  read(offset: number, length: number): Uint8Array {
    this.bytesRead += length;
    const bytes = new Uint8Array(length);
    const pool = new Uint8Array(this.pool.buffer);
    let from = (Math.imul(offset, 0x9e3779b1) >>> 12) * 4;
    for (let done = 0; done < length;) {
      const part = pool.subarray(from, Math.min(pool.length, from + length - done));
      bytes.set(part, done);
      done += part.length;
      from = 0;
    }
    return bytes;
  }
}
