import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { Listing } from '../core/listing/listing';
import type { Surroundings } from '../core/model/surroundings';
import type { DriftDetail, DriftParams, DriftReport } from './drift';
import type { EngineFailure, FuseParams } from './engine';
import type { FuseReport, InspectReport } from './reports';
import type { StatisticsPicture } from './statistics';

/** What the language server is told at start, beside LSP's own. */
export interface ServerOptions {
  /** Translations of the user's language (source string → translation), or undefined for English. */
  readonly translations: Readonly<Record<string, string>> | undefined;
  /** Folder of the extension's own where results of long tests are kept between sessions; null for none. */
  readonly cacheFolder: string | null;
}

/** What is known of an open model. The server owns it; the host shows it. */
export type ModelState =
  | { readonly kind: 'reading' }
  | {
      readonly kind: 'ready';
      readonly report: InspectReport;
      /** Whether the statistical test still runs; a further state follows when it ends. */
      readonly isTesting: boolean;
      /** Ids of blocked pairs that no choice of the user can unblock. */
      readonly locked: readonly string[];
    }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

export interface ModelPath {
  /** Absolute path of the model file. */
  readonly path: string;
}

/** A fuse job; how pairs are found comes from the settings of the file's folder. */
export type FuseModelParams = ModelPath &
  Pick<FuseParams, 'output' | 'only' | 'skip' | 'mode' | 'loader' | 'overwrite' | 'progressToken'>;

/** A drift job; `fused` and the rest are those of `DriftParams`. */
export type DriftModelParams = ModelPath &
  Pick<DriftParams, 'fused' | 'samples' | 'seed' | 'runtime' | 'accumulated' | 'progressToken'>;

export interface PairAtParams {
  /** URI of a listing or of a text document with a listing in it. */
  readonly uri: string;
  /** Counted from 0. */
  readonly line: number;
}

export interface ListingParams {
  /** A URI made by `listingUri`. */
  readonly uri: string;
}

export interface LocateParams {
  /** URI of a listing or of a text document with a listing in it. */
  readonly uri: string;
  /** Name of a layer, as in pairs. */
  readonly name: string;
}

export interface PairAddress extends ModelPath {
  readonly id: string;
}

/** Lines and columns count from 0. */
export interface LayerLocation {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

// #region host to server

/** Starts to follow a model: it is read now, and again whenever it, or a setting, changes. */
export const openModelNotification = new NotificationType<ModelPath>('fusebn/openModel');
/** Stops following a model and forgets what was read of it. */
export const closeModelNotification = new NotificationType<ModelPath>('fusebn/closeModel');
/** The user wants these pairs folded and no others (null: all fusable); the listing after fusing shows it. */
export const choosePairsNotification = new NotificationType<
  ModelPath & { readonly only: readonly string[] | null }
>('fusebn/choosePairs');
/** The file's bytes have changed; an open model is read again. */
export const modelChangedNotification = new NotificationType<ModelPath>('fusebn/modelChanged');
/** Writes a fused file. Progress is sent as `jobProgress` under the given token. */
export const fuseModelRequest = new RequestType<FuseModelParams, FuseReport, EngineFailure>(
  'fusebn/fuseModel',
);
/** The text of a listing, for the virtual document that shows it. */
export const listingRequest = new RequestType<
  ListingParams,
  Pick<Listing, 'language' | 'text'>,
  EngineFailure
>('fusebn/listing');
/** Where a layer stands in a listing; null when it is not there. */
export const locateRequest = new RequestType<LocateParams, LayerLocation | null, EngineFailure>(
  'fusebn/locate',
);

/**
 * Measures drift; what is drawn of inputs comes from the seed, how pairs are found from the settings of the file's
 * folder. Layers arrive as `driftProgress` under the given token.
 */
export const driftModelRequest = new RequestType<DriftModelParams, DriftReport, EngineFailure>(
  'fusebn/driftModel',
);
/** One layer in full; null when the fused file has no such layer. */
export const driftModelDetailRequest = new RequestType<
  DriftModelParams & { readonly id: string },
  DriftDetail | null,
  EngineFailure
>('fusebn/driftModelDetail');
/** The pair of the layer on a line of a listing; null when there is none. */
export const pairAtRequest = new RequestType<PairAtParams, PairAddress | null, EngineFailure>(
  'fusebn/pairAt',
);

/**
 * Runs the full statistical test of a model, whatever the settings say, or waits for the one that runs; states tell
 * what came of it. @throws when the test fails or is stopped.
 */
export const testStatisticsRequest = new RequestType<ModelPath, null, EngineFailure>(
  'fusebn/testStatistics',
);
/** Stops the test of a model; what was known before stays. */
export const stopStatisticsNotification = new NotificationType<ModelPath>('fusebn/stopStatistics');
/** Predicted against stored running means of a pair; null when there are none. Tests the model first. */
export const modelPictureRequest = new RequestType<
  PairAddress,
  StatisticsPicture | null,
  EngineFailure
>('fusebn/modelPicture');

/** The layers around a pair; null when there is no such pair. */
export const modelSurroundingsRequest = new RequestType<
  PairAddress,
  Surroundings | null,
  EngineFailure
>('fusebn/modelSurroundings');

/** Everything known of a pair, as Markdown in the user's language; null when there is no such pair. */
export const pairDetailsRequest = new RequestType<PairAddress, string | null, EngineFailure>(
  'fusebn/pairDetails',
);

// #endregion

// #region server to host

/** How far the statistical test of a model is. */
export const statisticsProgressNotification = new NotificationType<
  ModelPath & { readonly done: number; readonly total: number }
>('fusebn/statisticsProgress');

/** An open model's state is another one now. */
export const modelStateNotification = new NotificationType<
  ModelPath & { readonly state: ModelState }
>('fusebn/modelState');

// #endregion
