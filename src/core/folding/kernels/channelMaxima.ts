import { decodeFloats } from '../../bytes/floats';
import type { WeightFold } from '../../model/fold';
import { RunWalk } from './runWalk';

/** Largest |weight| of every output channel, from chunks of storage. NaN counts as nothing. */
export class ChannelMaxima {
  readonly values: Float64Array;

  constructor(private readonly weight: WeightFold) {
    this.values = new Float64Array(weight.scale.length);
  }

  /** Takes a chunk whose first element is number `first` in storage order. */
  add(chunk: Uint8Array, first: number): void {
    const elements = decodeFloats(chunk, this.weight.dtype);
    const walk = new RunWalk(this.weight.axes);
    walk.seek(first);
    const end = first + elements.length;
    while (walk.start < end) {
      const from = Math.max(walk.start, first);
      const to = Math.min(walk.start + walk.length, end);
      for (let at = from; at < to; at++) {
        const channel = walk.channel + (at - walk.start) * walk.channelStep;
        const size = Math.abs(elements[at - first]!);
        if (size > this.values[channel]!) this.values[channel] = size;
      }
      walk.next();
    }
  }
}
