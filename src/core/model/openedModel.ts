import type { ByteSource } from '../bytes/byteSource';
import type { OutputPlan } from '../bytes/outputPlan';
import type { Fold } from './fold';
import type { Network } from './network';
import type { Problem } from './pair';
import type { Tensor } from './tensor';

export type FormatId =
  | 'onnx'
  | 'torch-zip'
  | 'torch-legacy'
  | 'torch-module'
  | 'torchscript'
  | 'torch-export'
  | 'safetensors'
  | 'module-text';

/** A file, read as far as its structure; what every format's reader returns. */
export interface OpenedModel {
  readonly format: FormatId;
  readonly producer: string | null;
  /** Domain → opset version; empty for formats without opsets. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly network: Network;
  readonly problems: readonly Problem[];
  /** Number 0 is the model file, others are external data or shards; `TensorLocation.source` counts in it. */
  readonly sources: readonly ByteSource[];
  /**
   * Reads a small tensor (a BatchNorm vector, a bias, an amax) in logical row-major order.
   * @throws ModelFormatError when its bytes are missing or its dtype holds no numbers.
   */
  readValues(tensor: Tensor): Float64Array;
  /** Turns folds into output files, as pieces over the original bytes. Nothing is read but what must change. */
  plan(folds: readonly Fold[], options: PlanOptions): OutputPlan;
}

/** `fold` removes the BatchNorms; `drop-in` keeps every key and makes folded BatchNorms neutral. */
export type FoldMode = 'fold' | 'drop-in';

export interface PlanOptions {
  readonly mode: FoldMode;
  /** File name of the output, without folder (`model.fused.onnx`); further files are named after it. */
  readonly outputName: string;
}
