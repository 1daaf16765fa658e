import { ProgressType, RequestType } from 'vscode-jsonrpc';
import type { Listing } from '../core/listing/listing';
import type { FoldMode } from '../core/model/openedModel';
import type { Policy } from '../core/model/pair';
import type { FuseReport, InspectReport } from './reports';

/** Raised when either end of the channel changes meaning; both check it at start. */
export const ENGINE_PROTOCOL_VERSION = 2;

/** What an engine's thread is started with. */
export interface EngineStart {
  readonly protocol: number;
  /** Where results of long tests are kept from one session to the next; null for nowhere. */
  readonly cacheFolder: string | null;
}

/** How pairs are found; the same for every job on a model. */
export interface PairingParams {
  readonly policy: Policy;
  /** First match by longest prefix of the BatchNorm's name wins; prefix '' is the value for all. */
  readonly eps: readonly { readonly prefix: string; readonly value: number }[];
  readonly layout: 'auto' | 'spconv1' | 'spconv2';
  /** Path of a listing that tells classes and eps of a checkpoint, or null. */
  readonly structure: string | null;
  /** Run the full statistical test (it reads the weights once). The sign test always runs. */
  readonly statistics: boolean;
}

export interface ModelParams extends PairingParams {
  /** Absolute path of the model file. */
  readonly path: string;
  /** Progress is sent as `$/progress` under this token. */
  readonly progressToken?: string | number;
}

export type InspectParams = ModelParams;

export interface FuseParams extends ModelParams {
  /** Absolute path of the output, or null for `<name>.fused.<ext>` beside the model. */
  readonly output: string | null;
  readonly mode: FoldMode;
  /** Ids to fold and nothing else; a blocked pair named here is folded when the algebra allows. null: all fusable. */
  readonly only: readonly string[] | null;
  readonly skip: readonly string[];
  readonly loader: boolean;
  /** Without it an existing output is an error (`OUTPUT_EXISTS`) and stays as it is. */
  readonly overwrite: boolean;
}

export interface StructureParams extends ModelParams {
  readonly variant: 'original' | 'fused';
  /** Ids to fold in the variant `fused`, as in `FuseParams`; null or absent: all fusable. */
  readonly only?: readonly string[] | null;
}

/** How far a job is; `total` 0 means unknown. */
export interface JobProgress {
  readonly stage: 'read' | 'pair' | 'statistics' | 'fold' | 'write' | 'drift';
  readonly done: number;
  readonly total: number;
}

/** The `data` of an error reply. `code` is stable (`MODEL_FORMAT`, `OUTPUT_EXISTS`, `DISK_FULL`, `INTERNAL`…). */
export interface EngineFailure {
  readonly code: string;
  /** Stack of an internal error, for the log. */
  readonly stack?: string;
}

export const inspectRequest = new RequestType<InspectParams, InspectReport, EngineFailure>(
  'fusebn/inspect',
);
export const fuseRequest = new RequestType<FuseParams, FuseReport, EngineFailure>('fusebn/fuse');
export const structureRequest = new RequestType<StructureParams, Listing, EngineFailure>(
  'fusebn/structure',
);
export const jobProgress = new ProgressType<JobProgress>();
