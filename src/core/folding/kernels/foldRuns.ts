import { instantiate, type WasmExports } from '../../bytes/webAssembly';
import type { FloatDType } from '../../model/tensor';
import { foldRunsBinary } from './foldRunsBinary';

/**
 * Scales `rows` rows of `count` elements and adds what the patch makes of them to the sums of their channels, as they
 * were and as they are now. All addresses are bytes.
 */
type Fold = (
  at: number,
  rows: number,
  count: number,
  scales: number,
  patch: number,
  before: number,
  after: number,
) => void;

interface Exports extends WasmExports {
  readonly foldRowsF64: Fold;
  readonly foldRowsF32: Fold;
  readonly foldRowsF16: Fold;
  readonly foldRowsBF16: Fold;
  readonly foldColumnsF64: Fold;
  readonly foldColumnsF32: Fold;
  readonly foldColumnsF16: Fold;
  readonly foldColumnsBF16: Fold;
}

/** Bytes of elements, patch values and channels that fit the memory at once. */
export const BLOCK_BYTES = 1024 * 1024;
export const PATCH_WINDOW = 131072;
export const CHANNEL_WINDOW = 65536;

const FLOAT64 = 8;
/** Loops read, and add zero to, up to three elements behind a run. */
const SLACK = 4;
/** Addresses of the parts of memory; the lowest bytes hold the compiler's constants. */
const BLOCK = 4096;
const PATCH = BLOCK + BLOCK_BYTES + SLACK * FLOAT64;
const SCALES = PATCH + (PATCH_WINDOW + SLACK) * FLOAT64;
const BEFORE = SCALES + (CHANNEL_WINDOW + SLACK) * FLOAT64;
const AFTER = BEFORE + (CHANNEL_WINDOW + SLACK) * FLOAT64;

/**
 * The compiled loops of assembly/foldRuns.ts and the memory they work on: a block of elements, a window of the patch
 * and, for layouts with channels innermost, a window of channels. One instance serves one thread.
 */
export class FoldRuns {
  private readonly exports = instantiate<Exports>(foldRunsBinary);
  private readonly buffer = this.exports.memory.buffer;
  /** Elements of the block, as bytes. */
  readonly block = new Uint8Array(this.buffer, BLOCK, BLOCK_BYTES);
  readonly patch = new Float64Array(this.buffer, PATCH, PATCH_WINDOW);
  readonly scales = new Float64Array(this.buffer, SCALES, CHANNEL_WINDOW);
  /** Sums per channel of the window: Σ original · patch and Σ folded · patch. */
  readonly before = new Float64Array(this.buffer, BEFORE, CHANNEL_WINDOW);
  readonly after = new Float64Array(this.buffer, AFTER, CHANNEL_WINDOW);

  private readonly rows: Readonly<Record<FloatDType, Fold>> = {
    f64: this.exports.foldRowsF64,
    f32: this.exports.foldRowsF32,
    f16: this.exports.foldRowsF16,
    bf16: this.exports.foldRowsBF16,
  };
  private readonly columns: Readonly<Record<FloatDType, Fold>> = {
    f64: this.exports.foldColumnsF64,
    f32: this.exports.foldColumnsF32,
    f16: this.exports.foldColumnsF16,
    bf16: this.exports.foldColumnsBF16,
  };

  /**
   * Folds `rows` rows of `count` elements from byte `at` of the block on. Each row is one channel, the first of them
   * number `channel` of its window, and meets the patch from number `patch` of its window on.
   */
  foldRows(dtype: FloatDType, tile: Tile): void {
    run(this.rows[dtype], tile);
  }

  /** The same where each row holds consecutive channels, the same in every row, and meets one patch value. */
  foldColumns(dtype: FloatDType, tile: Tile): void {
    run(this.columns[dtype], tile);
  }
}

/** A stretch of the block, in bytes, and where its channels and patch begin in their windows. */
export interface Tile {
  readonly at: number;
  readonly rows: number;
  readonly count: number;
  readonly channel: number;
  readonly patch: number;
}

function run(fold: Fold, { at, rows, count, channel, patch }: Tile): void {
  const offset = channel * FLOAT64;
  fold(
    BLOCK + at,
    rows,
    count,
    SCALES + offset,
    PATCH + patch * FLOAT64,
    BEFORE + offset,
    AFTER + offset,
  );
}
