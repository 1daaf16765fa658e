import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { DriftMetrics } from '../../../core/drift/metrics';
import type { FloatDType } from '../../../core/model/tensor';
import type { RuntimeChoice } from '../../../protocol/drift';

/** A value that both networks compute, under its name in each. */
export interface Tap {
  readonly id: string;
  readonly reference: string;
  readonly candidate: string;
  /** Element type of the layer's weights: ULPs count in it. */
  readonly dtype: FloatDType;
  /** Channels that lie side by side in the candidate's value (ONNX Runtime's NCHWc); null for the usual order. */
  readonly channelBlock: number | null;
}

/** An ONNX file to run, and the files with its external data. */
export interface RunnableModel {
  readonly path: string;
  /** Locations, relative to the model's folder. */
  readonly externalData: readonly string[];
  /** Names of the network's own outputs. */
  readonly outputs: readonly string[];
}

export interface RunParams {
  readonly runtime: RuntimeChoice;
  readonly reference: RunnableModel;
  readonly candidate: RunnableModel;
  readonly taps: readonly Tap[];
  readonly inputs: readonly { readonly name: string; readonly path: string }[];
  readonly axes: readonly { readonly name: string; readonly size: number }[];
  readonly samples: number;
  readonly seed: number;
  /** Outputs of one side that may be in memory at once; both sides hold as much. */
  readonly batchBytes: number;
}

export interface RunResult {
  /** Name and version of the runtime, and why it was taken. */
  readonly runtime: string;
  /** Outputs of the network, in the reference's order. */
  readonly outputs: readonly TapResult[];
  /** How often the networks were run over all samples, because their taps do not fit into memory at once. */
  readonly batches: number;
}

export interface TapResult {
  readonly id: string;
  readonly metrics: DriftMetrics;
}

/** Runs both networks on the same inputs; taps are reported as they are done. */
export const runRequest = new RequestType<RunParams, RunResult, { readonly code: string }>(
  'runtime/run',
);
export const tapDone = new NotificationType<TapResult>('runtime/tap');
