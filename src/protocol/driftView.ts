import type { Recipe } from '../core/drift/explainFold';
import type { DriftDetail, DriftLayerReport, DriftReport } from './drift';
import type { JobProgress } from './engine';

/** What a drift view compares. Paths are absolute. */
export interface DriftSubject {
  readonly reference: string;
  /** A fused file, whatever made it; null for the fold that a fuse would write. */
  readonly candidate: string | null;
}

/** How far the measurement is. */
export type DriftRun =
  | ({ readonly kind: 'running' } & JobProgress)
  | { readonly kind: 'done' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string };

/** Everything the page shows of a measurement; the page can be built from it alone. */
export interface DriftContent {
  readonly subject: DriftSubject;
  readonly run: DriftRun;
  /** Layers as far as they are measured, in the model's order. */
  readonly layers: readonly DriftLayerReport[];
  /** The whole report once the run is done. Its layers are those above. */
  readonly report: Omit<DriftReport, 'layers'> | null;
}

/** What the page keeps over a reload of the window: the subject, and the report once there is one. */
export interface KeptDrift {
  readonly subject: DriftSubject;
  readonly report: DriftReport | null;
}

/** Words of the page in the user's language. `{0}`, `{1}` … are places for arguments. */
export interface DriftTexts {
  readonly ownFold: string;
  readonly compareWith: string;
  readonly runAgain: string;
  readonly cancel: string;
  readonly exportAs: string;
  readonly running: Readonly<Record<JobProgress['stage'], string>>;
  readonly runningNetworks: string;
  readonly cancelled: string;
  readonly failed: string;
  readonly measuredLayers: string;
  readonly seedAndSamples: string;
  readonly worstLayer: string;
  readonly empty: string;

  readonly chart: string;
  readonly chartHelp: string;
  readonly chartSummary: string;
  readonly metric: string;
  readonly sqnr: string;
  readonly maxError: string;
  readonly isolated: string;
  readonly accumulated: string;
  readonly inherited: string;
  readonly inheritedHelp: string;
  readonly threshold: string;
  readonly identical: string;
  readonly notFinite: string;
  readonly notFound: string;
  readonly resetZoom: string;

  readonly labels: Readonly<Record<'ok' | 'warn' | 'bad' | 'none', string>>;
  readonly all: string;
  readonly showLabels: string;
  readonly filter: string;
  readonly noMatch: string;
  readonly table: string;
  readonly columns: Readonly<
    Record<
      'position' | 'layer' | 'label' | 'isolated' | 'accumulated' | 'maxError' | 'recipe',
      string
    >
  >;
  readonly recipes: Readonly<Record<Recipe, string>>;

  readonly attention: string;
  /** Heads the pairs that have no fold to measure. */
  readonly left: string;
  readonly attentionNone: string;
  readonly outputs: string;
  readonly back: string;
  readonly reveal: string;
  readonly pickLayer: string;
  readonly fusedAs: string;
  readonly metrics: Readonly<
    Record<'sqnrDb' | 'maxAbs' | 'meanAbs' | 'rms' | 'relL2' | 'cosine' | 'maxUlp', string>
  >;
  readonly histogram: string;
  readonly histogramSummary: string;
  readonly histogramExact: string;
  readonly weightRange: string;
  readonly weightRangeSummary: string;
  readonly before: string;
  readonly after: string;
  readonly outputRange: string;
  readonly outputRangeSummary: string;
  readonly outputRangeHelp: string;
  readonly channel: string;
  readonly quantization: string;
  readonly spread: string;
  readonly int8Tensor: string;
  readonly int8Channel: string;
  readonly fp16: string;
  readonly fp16Counts: string;
  readonly deadChannels: string;
  readonly negativeGamma: string;
  readonly loadingDetail: string;
}

/** Messages to the page. */
export type ToDriftView =
  /** Everything anew; `names` are how people call the two files, `selected` a layer to bring to the front. */
  | {
      readonly type: 'show';
      readonly content: DriftContent;
      readonly names: { readonly reference: string; readonly candidate: string | null };
      readonly texts: DriftTexts;
      readonly selected: string | null;
    }
  /** The run went on; layers replace those of the same id or come behind the others. */
  | {
      readonly type: 'progress';
      readonly run: DriftRun;
      readonly layers: readonly DriftLayerReport[];
      readonly report: DriftContent['report'];
    }
  | {
      readonly type: 'detail';
      readonly id: string;
      readonly detail: DriftDetail | null;
      /** Why there is none, in one sentence. */
      readonly failure: string | null;
    }
  /** A layer was chosen elsewhere in the editor. */
  | { readonly type: 'select'; readonly id: string };

/** Messages from the page, after `decodeFromDriftView` has accepted them. */
export type FromDriftView =
  | { readonly type: 'ready' }
  /** A click: show the pair wherever else it is shown. */
  | { readonly type: 'reveal'; readonly id: string }
  /** The pointer is over a layer, or over none. */
  | { readonly type: 'hover'; readonly id: string | null }
  | { readonly type: 'detail'; readonly id: string }
  | { readonly type: 'cancel' }
  | { readonly type: 'run' }
  | { readonly type: 'compare' }
  | { readonly type: 'export'; readonly format: 'csv' | 'json' }
  | { readonly type: 'export'; readonly format: 'png'; readonly bytes: Uint8Array };
