import { decodeFloats, encodeFloats } from '../../bytes/floats';
import type { WeightFold } from '../../model/fold';
import { RunWalk } from './runWalk';

/**
 * Scales a chunk of a weight's storage in place: element × scale[its channel] in float64, rounded once.
 * `first` is the chunk's first element in the tensor's storage order; chunks may be cut anywhere between elements
 * and lie at any byte of their buffer (an aligned one is faster).
 */
export function scaleWeight(weight: WeightFold, chunk: Uint8Array, first: number): void {
  const values = decodeFloats(chunk, weight.dtype);
  const walk = new RunWalk(weight.axes);
  walk.seek(first);
  const end = first + values.length;
  while (walk.start < end) {
    const from = Math.max(walk.start, first);
    const to = Math.min(walk.start + walk.length, end);
    for (let at = from; at < to; at++) {
      const channel = walk.channel + (at - walk.start) * walk.channelStep;
      values[at - first]! *= weight.scale[channel]!;
    }
    walk.next();
  }
  chunk.set(encodeFloats(values, weight.dtype));
}
