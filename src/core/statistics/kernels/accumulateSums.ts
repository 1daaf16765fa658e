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

/** Elements values[at], values[at + 1] … of a run, and where the first of them belongs. */
interface Stretch {
  readonly values: Float64Array;
  readonly at: number;
  readonly count: number;
  readonly channel: number;
  /** input · taps + tap. */
  readonly reduction: number;
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
  const to = from + values.length;
  const { channelStep, reductionStep } = walk;
  const isRow = channelStep === 0 && reductionStep === 1;
  const planes = isRow ? tapsPerPlane(target) : [];
  while (walk.start < to) {
    const runEnd = walk.start + walk.length;
    // Most channels of a large layer are left out, and most layouts have short runs.
    if (isRow && target.rowOf[walk.channel]! < 0) {
      if (runEnd > to) return;
      walk.next();
      continue;
    }
    const first = Math.max(walk.start, from);
    const offset = first - walk.start;
    const channel = walk.channel + offset * channelStep;
    const reduction = walk.reduction + offset * reductionStep;
    const count = Math.min(runEnd, to) - first;
    const stretch = { values, at: first - from, count, channel, reduction };
    if (isRow) addRow(target, planes, stretch);
    else addElements(target, stretch, channelStep, reductionStep);
    if (runEnd > to) return;
    walk.next();
  }
}

/** The taps that count for a plane, with their factors. */
interface PlaneTaps {
  readonly plane: Float32Array;
  readonly taps: Int32Array;
  readonly factors: Float64Array;
}

function tapsPerPlane({ planes, taps, factors }: SumTarget): PlaneTaps[] {
  return planes.map((plane, idx) => {
    const own = factors.subarray(idx * taps, (idx + 1) * taps);
    const used = Int32Array.from(own.keys()).filter((tap) => own[tap] !== 0);
    return { plane, taps: used, factors: Float64Array.from(used, (tap) => own[tap]!) };
  });
}

/** A stretch of one channel that is kept, input by input and tap by tap: whole inputs at once, what is cut off one by one. */
function addRow(target: SumTarget, planes: readonly PlaneTaps[], stretch: Stretch): void {
  const { rowOf, inputs, taps } = target;
  const { values, at, count, channel, reduction } = stretch;
  const head = Math.min(count, (taps - (reduction % taps)) % taps);
  const cells = Math.floor((count - head) / taps);
  const tail = head + cells * taps;
  if (head > 0) addElements(target, { ...stretch, count: head }, 0, 1);
  const cell = rowOf[channel]! * inputs + (reduction + head) / taps;
  for (const plane of planes) addCells(plane, cell, cells, taps, values, at + head);
  if (tail < count) {
    const rest = { at: at + tail, count: count - tail, reduction: reduction + tail };
    addElements(target, { values, channel, ...rest }, 0, 1);
  }
}

function addCells(
  { plane, taps: used, factors }: PlaneTaps,
  cell: number,
  cells: number,
  taps: number,
  values: Float64Array,
  at: number,
): void {
  let base = at;
  for (let idx = cell; idx < cell + cells; idx++) {
    let sum = 0;
    for (let k = 0; k < used.length; k++) sum += factors[k]! * values[base + used[k]!]!;
    plane[idx]! += sum;
    base += taps;
  }
}

function addElements(
  { rowOf, inputs, taps, planes, factors }: SumTarget,
  stretch: Stretch,
  channelStep: number,
  reductionStep: number,
): void {
  const { values, at, count } = stretch;
  let { channel, reduction } = stretch;
  for (let idx = at; idx < at + count; idx++) {
    const row = rowOf[channel]!;
    if (row >= 0) {
      const input = Math.floor(reduction / taps);
      const tap = reduction - input * taps;
      const cell = row * inputs + input;
      for (let plane = 0; plane < planes.length; plane++) {
        const factor = factors[plane * taps + tap]!;
        if (factor !== 0) planes[plane]![cell]! += factor * values[idx]!;
      }
    }
    channel += channelStep;
    reduction += reductionStep;
  }
}
