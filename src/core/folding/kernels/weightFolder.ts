import { gaussianPatch } from '../../drift/patch';
import type { WeightFold } from '../../model/fold';
import { itemSize } from '../../model/tensor';
import { arrangePatch } from './arrangePatch';
import { BLOCK_BYTES, CHANNEL_WINDOW, FoldRuns, PATCH_WINDOW } from './foldRuns';
import { RunWalk } from './runWalk';

/** The patch of the check is the same in every run. */
const SEED = 1;

/**
 * Folds a weight, chunk by chunk: element × scale[its channel] in float64, rounded once. On the way it sends a seeded
 * N(0, 1) patch through the weight as it was and as it is stored now, for the isolated check.
 */
export class WeightFolder {
  /** Σ original · patch and Σ folded · patch per output channel, over the chunks so far. */
  readonly before: Float64Array;
  readonly after: Float64Array;

  private readonly walk: RunWalk;
  private readonly patch: Float64Array;
  private readonly elementBytes: number;
  /** Parts of patch and channels that lie in the loops' memory, as long as no other folder uses it. */
  private patchWindow = emptyWindow;
  private channelWindow = emptyWindow;

  constructor(private readonly weight: WeightFold) {
    const channels = weight.scale.length;
    this.before = new Float64Array(channels);
    this.after = new Float64Array(channels);
    const { axes, patch } = arrangePatch(weight.axes, patchOf);
    this.walk = new RunWalk(axes);
    this.patch = patch;
    this.elementBytes = itemSize[weight.dtype];
  }

  /**
   * Scales a chunk of storage in place. `first` is its first element's number in the tensor's storage order; chunks
   * may be cut anywhere between elements, come in any order, and lie at any byte of their buffer. Elements in gaps
   * of a strided weight stay as they are. A chunk at the start of `foldingBlock` is folded where it is; others are
   * copied there and back, and must not lie in it.
   */
  fold(chunk: Uint8Array, first: number): void {
    this.takeLoops();
    const { block } = loops();
    if (chunk.buffer === block.buffer) {
      this.foldBlock(first, chunk.length / this.elementBytes);
    } else {
      for (let done = 0; done < chunk.length; done += BLOCK_BYTES) {
        const bytes = chunk.subarray(done, done + BLOCK_BYTES);
        block.set(bytes);
        this.foldBlock(first + done / this.elementBytes, bytes.length / this.elementBytes);
        bytes.set(block.subarray(0, bytes.length));
      }
    }
    this.flushChannels();
  }

  /** Forgets what this folder had in the loops' memory when another one has used it since. */
  private takeLoops(): void {
    if (patchInMemory === this.patch) return;
    patchInMemory = this.patch;
    this.patchWindow = emptyWindow;
  }

  private foldBlock(first: number, count: number): void {
    const { walk, weight } = this;
    const isRow = walk.channelStep === 0;
    const end = first + count;
    walk.seek(first);
    while (walk.start < end) {
      // Whole runs that follow one another go as one tile; a run that the block cuts goes alone.
      const whole = walk.start >= first ? Math.floor((end - walk.start) / walk.length) : 0;
      const rows = Math.max(1, Math.min(whole, walk.followers + 1));
      const from = Math.max(walk.start, first);
      const length = Math.min(walk.start + walk.length, end) - from;
      const offset = from - walk.start;
      const channel = walk.channel + (isRow ? 0 : offset);
      const reduction = walk.reduction + (isRow ? offset : 0);
      this.showChannels(channel, isRow ? rows : length);
      this.showPatch(reduction, isRow ? length : rows);
      const tile = {
        at: (from - first) * this.elementBytes,
        rows,
        count: length,
        channel: channel - this.channelWindow.from,
        patch: reduction - this.patchWindow.from,
      };
      if (isRow) loops().foldRows(weight.dtype, tile);
      else loops().foldColumns(weight.dtype, tile);
      walk.skip(rows);
    }
  }

  private showPatch(from: number, count: number): void {
    if (holds(this.patchWindow, from, count)) return;
    this.patchWindow = windowAround(from, this.patch.length, PATCH_WINDOW);
    loops().patch.set(this.patch.subarray(this.patchWindow.from, this.patchWindow.to));
  }

  private showChannels(from: number, count: number): void {
    if (holds(this.channelWindow, from, count)) return;
    this.flushChannels();
    this.channelWindow = windowAround(from, this.before.length, CHANNEL_WINDOW);
    const { from: start, to } = this.channelWindow;
    loops().scales.set(this.weight.scale.subarray(start, to));
    loops().before.fill(0, 0, to - start);
    loops().after.fill(0, 0, to - start);
  }

  private flushChannels(): void {
    const { from, to } = this.channelWindow;
    for (let channel = from; channel < to; channel++) {
      this.before[channel]! += loops().before[channel - from]!;
      this.after[channel]! += loops().after[channel - from]!;
    }
    this.channelWindow = emptyWindow;
  }
}

/**
 * The memory in which this thread folds, a whole number of elements of any type. Who reads chunks into its beginning
 * and writes them from there saves two copies.
 */
export function foldingBlock(): Uint8Array {
  return loops().block;
}

/** A stretch [from, to) of a longer array. */
interface Window {
  readonly from: number;
  readonly to: number;
}

const emptyWindow: Window = { from: 0, to: 0 };

function holds(window: Window, from: number, count: number): boolean {
  return from >= window.from && from + count <= window.to;
}

/** All of an array that fits the window, else the window's length from `from` on. */
function windowAround(from: number, length: number, size: number): Window {
  return length <= size ? { from: 0, to: length } : { from, to: Math.min(from + size, length) };
}

/** The patch of a length. A shorter one is how a longer one begins, so the longest is kept for the next weights. */
function patchOf(length: number): Float64Array {
  if (length > MAX_KEPT_PATCH) return gaussianPatch(SEED, length);
  if (length > longest.length) longest = gaussianPatch(SEED, length);
  return longest.subarray(0, length);
}
const MAX_KEPT_PATCH = 1 << 20;
let longest: Float64Array = new Float64Array();

/** The patch whose window lies in the loops' memory. */
let patchInMemory: Float64Array | undefined;

/** The loops of this thread, made at the first fold. */
function loops(): FoldRuns {
  return (instance ??= new FoldRuns());
}
let instance: FoldRuns | undefined;
