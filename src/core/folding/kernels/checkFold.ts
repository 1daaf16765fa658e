import { decodeFloats } from '../../bytes/floats';
import type { FoldCheck } from '../../bytes/outputPlan';
import type { DriftMetrics } from '../../drift/metrics';
import { compareTensors } from '../../drift/metrics';
import type { WeightFold } from '../../model/fold';
import { RunWalk } from './runWalk';

/**
 * The isolated check of one fold, streamed: a seeded N(0, 1) patch goes through the original and the folded weight
 * at once, in float64; then the unfolded arithmetic is compared with the folded one, per output channel.
 */
export class FoldChecker {
  private readonly original: Float64Array;
  private readonly folded: Float64Array;

  constructor(
    private readonly weight: WeightFold,
    private readonly check: FoldCheck,
  ) {
    this.original = new Float64Array(weight.scale.length);
    this.folded = new Float64Array(weight.scale.length);
  }

  /** Takes the same stretch of both weights, from element `first` on; every element once, in any order of chunks. */
  add(original: Uint8Array, folded: Uint8Array, first: number): void {
    const before = decodeFloats(original, this.weight.dtype);
    const after = decodeFloats(folded, this.weight.dtype);
    const walk = new RunWalk(this.weight.axes);
    walk.seek(first);
    const end = first + before.length;
    while (walk.start < end) {
      const from = Math.max(walk.start, first);
      const to = Math.min(walk.start + walk.length, end);
      for (let at = from; at < to; at++) {
        const channel = walk.channel + (at - walk.start) * walk.channelStep;
        const x = Math.sin(1 + walk.reduction + (at - walk.start) * walk.reductionStep);
        this.original[channel]! += before[at - first]! * x;
        this.folded[channel]! += after[at - first]! * x;
      }
      walk.next();
    }
  }

  /** The figures over all output channels. */
  finish(): DriftMetrics {
    const { reference, storedBias } = this.check;
    const { gamma, beta, mean, variance, eps } = reference;
    const expected = this.original.map((sum, channel) => {
      let y = sum + (reference.convBias?.[channel] ?? 0);
      for (const { factor, shift } of reference.between) y = y * factor[channel]! + shift[channel]!;
      const deviation = Math.sqrt(variance[channel]! + eps);
      return (gamma[channel]! * (y - mean[channel]!)) / deviation + beta[channel]!;
    });
    const found = this.folded.map(
      (sum, channel) => sum + storedBias[channel]! * reference.biasFactor,
    );
    return compareTensors(expected, found, this.weight.dtype);
  }
}
