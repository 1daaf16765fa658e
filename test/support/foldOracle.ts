import { decodeFloats, encodeFloats } from '../../src/core/bytes/floats';
import type { WeightFold } from '../../src/core/model/fold';

/** Every element of a weight: where it is stored, its output channel, its position in the sum. */
export interface Place {
  readonly storage: number;
  readonly channel: number;
  readonly reduction: number;
}

/** All places of a weight by plain recursion over its axes, in the axes' own order. */
export function places(axes: WeightFold['axes']): Place[] {
  return axes.reduce<Place[]>(
    (outer, axis) =>
      outer.flatMap((place) =>
        Array.from({ length: axis.count }, (_, idx) => ({
          storage: place.storage + idx * axis.stride,
          channel: place.channel + idx * axis.channelStep,
          reduction: place.reduction + idx * axis.reductionStep,
        })),
      ),
    [{ storage: 0, channel: 0, reduction: 0 }],
  );
}

/** The folded bytes of a whole weight, one element at a time. */
export function foldedBytes(weight: WeightFold, bytes: Uint8Array): Uint8Array {
  const values = decodeFloats(bytes, weight.dtype);
  for (const { storage, channel } of places(weight.axes)) {
    values[storage]! *= weight.scale[channel]!;
  }
  return encodeFloats(values, weight.dtype);
}

/** Seeded numbers between −1 and 1, of many magnitudes. */
export function someWeights(length: number, seed = 1): Float64Array {
  let state = seed;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return Float64Array.from({ length }, () => (next() - 0.5) * 2 ** Math.floor(next() * 12 - 8));
}
