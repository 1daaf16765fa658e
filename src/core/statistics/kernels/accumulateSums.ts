import type { RunWalk } from '../../folding/kernels/runWalk';

/** Where the elements of a weight go: planes of sums over taps, for some of the output channels. */
export interface SumTarget {
  /** Row of each output channel, −1 for channels that are left out. */
  readonly rowOf: Int32Array;
  readonly inputs: number;
  readonly taps: number;
  /** [planes] of [rows × inputs]. */
  readonly planes: readonly Float32Array[];
  /** [planes × taps] factors. */
  readonly factors: Float64Array;
}

/**
 * Adds a stretch of weight elements, storage positions [from, from + values.length), to the sums:
 * plane[p][row, input] += factor[p, tap] · w. The walk is left at the first run that reaches beyond the stretch.
 */
export function accumulateSums(
  target: SumTarget,
  walk: RunWalk,
  values: Float64Array,
  from: number,
): void {
  const { rowOf, inputs, taps, planes, factors } = target;
  const to = from + values.length;
  const { channelStep, reductionStep } = walk;
  while (walk.start < to) {
    const runEnd = walk.start + walk.length;
    const first = Math.max(walk.start, from);
    const last = Math.min(runEnd, to);
    let channel = walk.channel + (first - walk.start) * channelStep;
    let reduction = walk.reduction + (first - walk.start) * reductionStep;
    for (let position = first; position < last; position++) {
      const row = rowOf[channel]!;
      if (row >= 0) {
        const value = values[position - from]!;
        const input = Math.floor(reduction / taps);
        const tap = reduction - input * taps;
        const cell = row * inputs + input;
        for (let plane = 0; plane < planes.length; plane++) {
          const factor = factors[plane * taps + tap]!;
          if (factor !== 0) planes[plane]![cell]! += factor * value;
        }
      }
      channel += channelStep;
      reduction += reductionStep;
    }
    if (runEnd > to) return;
    walk.next();
  }
}
