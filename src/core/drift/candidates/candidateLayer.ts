import type { FoldedLayer } from '../isolated';

/** A layer of a fused file that may be the counterpart of a pair. */
export interface CandidateLayer {
  /** Unique but for readings of one and the same layer, of which at most one is right. */
  readonly name: string;
  /** Its numbers, read when they are asked for; null when the file does not hold them as numbers. */
  read(): FoldedLayer | null;
  /** Channels that lie side by side in its output (ONNX Runtime's NCHWc layout); null for the usual order. */
  readonly channelBlock: number | null;
}
