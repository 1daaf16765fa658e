import { ProgressType, RequestType } from 'vscode-jsonrpc';
import type { DriftSentence } from '../core/drift/driftSentence';
import type { Explanation } from '../core/drift/explainFold';
import type { DriftLabel } from '../core/drift/label';
import type { Reason } from '../core/model/reason';
import type { FloatDType } from '../core/model/tensor';
import type { EngineFailure, JobProgress, ModelParams } from './engine';

/** Which build of ONNX Runtime runs networks; `auto` takes the native one where its binary is there. */
export type RuntimeChoice = 'auto' | 'native' | 'wasm';

export interface DriftParams extends ModelParams {
  /** Absolute path of a fused file, whatever made it; null measures what a fuse of `path` would write. */
  readonly fused: string | null;
  /** Files (`.npy`, or `.npz` with `#member`) for network inputs; others are drawn from N(0, 1). */
  readonly inputs: readonly { readonly name: string; readonly path: string }[];
  readonly samples: number;
  readonly seed: number;
  /** Sizes of symbolic axes by name; others are guessed (`batch` 1, image axes 224). */
  readonly axes: readonly { readonly name: string; readonly size: number }[];
  /** Whether networks are run as a whole, where there is a graph. */
  readonly accumulated: boolean;
  readonly runtime: RuntimeChoice;
}

/** Metrics as JSON can say them: `identical` for no difference, `not finite` where one side alone is not a number. */
export interface MetricsReport {
  readonly maxAbs: number | 'not finite';
  readonly meanAbs: number | 'not finite';
  readonly rms: number | 'not finite';
  readonly relL2: number | 'not finite';
  readonly sqnrDb: number | 'identical' | 'not finite';
  readonly cosine: number;
  readonly maxUlp: number | 'not finite';
}

/** `drift --json` (DESIGN.md section 9). */
export interface DriftReport {
  readonly schema: 1;
  readonly reference: string;
  /** The fused file, or null for the fold that `fuse` would write. */
  readonly candidate: string | null;
  /** Name, version and reason of the runtime, or null when no network was run. */
  readonly runtime: string | null;
  /** Why there is no accumulated drift, in one sentence; null when there is. */
  readonly note: string | null;
  /** The note in parts, for other languages; absent where ONNX Runtime itself said why. */
  readonly noteReason?: DriftSentence;
  /** Set when there is no accumulated drift because what the user gave does not fit; the note says the same. */
  readonly error?: { readonly code: 'INPUT_INVALID'; readonly message: string };
  readonly seed: number;
  readonly samples: number;
  readonly layers: readonly DriftLayerReport[];
  readonly outputs: readonly ({ readonly name: string } & MetricsReport)[];
  /** Pairs that have no fold to measure, and why. */
  readonly left: readonly { readonly id: string; readonly reasons: readonly Reason[] }[];
  /** Pairs to look at first when quantizing, worst first, with the reason in words. */
  readonly attention: readonly ({ readonly id: string } & DriftSentence)[];
}

export interface DriftLayerReport {
  readonly id: string;
  /** Name of the layer in the fused file, or null when it was not found there. */
  readonly candidate: string | null;
  readonly dtype: FloatDType;
  readonly isolated: MetricsReport | null;
  readonly accumulated: MetricsReport | null;
  /** The worse of both; null when neither could be measured. */
  readonly label: DriftLabel | null;
  /** Which recipe leads to the fused layer; null when the layer was not found. */
  readonly explanation: Explanation | null;
  readonly quantization: QuantizationReport | null;
}

/** Quantization readiness of a folded weight, and the range its BatchNorm promises for the output. */
export interface QuantizationReport {
  readonly spreadBefore: number;
  readonly spreadAfter: number;
  readonly int8TensorDb: number | 'identical';
  readonly int8ChannelDb: number | 'identical';
  readonly fp16Overflow: number;
  readonly fp16Subnormal: number;
  readonly deadChannels: number;
  readonly negativeGamma: number;
  readonly outputRange: { readonly min: number; readonly max: number; readonly activation: string };
}

/** What the detail pane shows of one layer; computed when asked for. */
export interface DriftDetail {
  readonly id: string;
  /** Isolated errors: `edges` has one value more than `counts`. */
  readonly histogram: { readonly edges: readonly number[]; readonly counts: readonly number[] };
  /** max |w| per output channel. */
  readonly rangeBefore: readonly number[];
  readonly rangeAfter: readonly number[];
  /** Promised range of the output per channel: beta ± 6·|gamma|, cut by the activation. */
  readonly outputMin: readonly number[];
  readonly outputMax: readonly number[];
}

/** A job's progress that carries results as they come. */
export interface DriftProgress extends JobProgress {
  readonly layer?: DriftLayerReport;
}

export const driftRequest = new RequestType<DriftParams, DriftReport, EngineFailure>(
  'fusebn/drift',
);
export const driftDetailRequest = new RequestType<
  DriftParams & { readonly id: string },
  DriftDetail | null,
  EngineFailure
>('fusebn/driftDetail');
export const driftProgress = new ProgressType<DriftProgress>();
