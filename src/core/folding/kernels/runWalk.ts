import type { WeightAxis } from '../../model/fold';

/**
 * Walks a weight's storage run by run. A run is a stretch of neighbouring elements along the fastest axis; within
 * it the channel moves by `channelStep` and the reduction position by `reductionStep` per element.
 * Positions count elements from the tensor's start in storage, gaps of a strided view included.
 */
export class RunWalk {
  readonly length: number;
  readonly channelStep: number;
  readonly reductionStep: number;
  /** Storage position of the current run, `Infinity` behind the last. */
  start = 0;
  channel = 0;
  reduction = 0;

  /** The next slower axis, when its runs touch and move on by what the fastest axis leaves still: channel or position. */
  private readonly stacked: boolean;
  private readonly outer: readonly WeightAxis[];
  private readonly indices: Float64Array;

  constructor(axes: readonly WeightAxis[]) {
    const merged = mergeAxes(axes);
    const last = merged.at(-1);
    // A fastest axis with gaps, one that skips channels, or none at all, leaves runs of one element.
    const inner = last?.stride === 1 && last.channelStep <= 1 ? last : single;
    this.outer = inner === last ? merged.slice(0, -1) : merged;
    this.length = inner.count;
    this.channelStep = inner.channelStep;
    this.reductionStep = inner.reductionStep;
    this.stacked = isStacked(this.outer.at(-1), inner);
    this.indices = new Float64Array(this.outer.length);
    if (axes.some((axis) => axis.count === 0)) this.start = Infinity;
  }

  /** Goes to the run that holds `position`, or to the first one after it when it lies in a gap. */
  seek(position: number): void {
    let rest = position;
    this.channel = 0;
    this.reduction = 0;
    this.outer.forEach((axis, idx) => {
      const steps = Math.min(Math.floor(rest / axis.stride), axis.count - 1);
      rest -= steps * axis.stride;
      this.indices[idx] = steps;
      this.channel += steps * axis.channelStep;
      this.reduction += steps * axis.reductionStep;
    });
    this.start = position - rest;
    if (rest >= this.length) this.next();
  }

  /**
   * Runs that directly follow the current one in storage, each moving on by one channel (where a run is one channel)
   * or by one position (where a run is one position).
   */
  get followers(): number {
    const axis = this.outer.at(-1);
    return this.stacked && axis ? axis.count - 1 - this.indices.at(-1)! : 0;
  }

  /** Goes on by `count` runs, at most one more than there are followers. */
  skip(count: number): void {
    const axis = this.outer.at(-1);
    if (axis && count > 1) {
      const steps = count - 1;
      this.indices[this.indices.length - 1]! += steps;
      this.start += steps * axis.stride;
      this.channel += steps * axis.channelStep;
      this.reduction += steps * axis.reductionStep;
    }
    this.next();
  }

  /** Goes to the next run. */
  next(): void {
    for (let idx = this.outer.length - 1; idx >= 0; idx--) {
      const axis = this.outer[idx]!;
      const steps = this.indices[idx]! + 1;
      if (steps < axis.count) {
        this.indices[idx] = steps;
        this.start += axis.stride;
        this.channel += axis.channelStep;
        this.reduction += axis.reductionStep;
        return;
      }
      this.indices[idx] = 0;
      this.start -= (steps - 1) * axis.stride;
      this.channel -= (steps - 1) * axis.channelStep;
      this.reduction -= (steps - 1) * axis.reductionStep;
    }
    this.start = Infinity;
  }
}

const single: WeightAxis = { count: 1, stride: 1, channelStep: 0, reductionStep: 0 };

function isStacked(outer: WeightAxis | undefined, inner: WeightAxis): boolean {
  if (outer?.stride !== inner.count) return false;
  return inner.channelStep === 0
    ? outer.channelStep === 1 && outer.reductionStep === 0
    : outer.channelStep === 0 && outer.reductionStep === 1;
}

/** Joins neighbouring axes that one longer axis describes as well: long runs are fast runs. */
function mergeAxes(axes: readonly WeightAxis[]): WeightAxis[] {
  const merged: WeightAxis[] = [];
  for (const axis of axes) {
    if (axis.count === 1) continue;
    const outer = merged.at(-1);
    const isContinued =
      outer !== undefined &&
      outer.stride === axis.stride * axis.count &&
      outer.channelStep === axis.channelStep * axis.count &&
      outer.reductionStep === axis.reductionStep * axis.count;
    if (isContinued) merged[merged.length - 1] = { ...axis, count: outer.count * axis.count };
    else merged.push(axis);
  }
  return merged;
}
