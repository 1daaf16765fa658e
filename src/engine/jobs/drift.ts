import { promisedRange } from '../../core/drift/activationRange';
import { followingActivation } from '../../core/drift/followingActivation';
import { driftLabel, worseLabel } from '../../core/drift/label';
import { ModelFormatError } from '../../core/errors';
import { foldPair } from '../../core/folding/foldPair';
import { selectPairs } from '../../core/folding/selectPairs';
import type { Fold } from '../../core/model/fold';
import type { OpenedModel } from '../../core/model/openedModel';
import type { Pair } from '../../core/model/pair';
import type {
  DriftDetail,
  DriftLayerReport,
  DriftParams,
  DriftProgress,
  DriftReport,
} from '../../protocol/drift';
import { runAccumulated } from '../drift/accumulated';
import {
  foreignCounterparts,
  ownCounterparts,
  type Counterparts,
  type PairedModel,
} from '../drift/counterparts';
import { layerDetail } from '../drift/layerDetail';
import { measureLayers, measureOne } from '../drift/measureLayers';
import type { ModelAndFiles, ModelCache } from '../modelCache';
import { attentionList, metricsReport } from './driftReport';
import type { JobContext } from './jobContext';
import { pairModel } from './pairModel';

/** What a drift job needs besides its parameters. */
export interface DriftServices {
  readonly cache: ModelCache;
  /** Path of the bundle of `runtimeChild.ts`. */
  readonly runtimeScript: string;
}

/**
 * Measures the difference between a model and its folded form: each pair on its own, and whole networks where both
 * are ONNX graphs. A network that cannot be run is a note in the report; the isolated figures are there all the same.
 */
export async function drift(
  { cache, runtimeScript }: DriftServices,
  params: DriftParams,
  context: JobContext,
  onProgress: (progress: DriftProgress) => void,
): Promise<DriftReport> {
  const sides = await openSides(cache, params, context);
  try {
    const { reference, candidate, folds, counterparts } = sides;
    const total = folds.length;
    const measured = await measureLayers(
      reference.model,
      folds,
      counterparts,
      params,
      context,
      (layer, done) => {
        onProgress({ stage: 'drift', done, total, layer });
      },
    );
    const layers = new Map(measured.map(({ report }) => [report.id, report]));
    const tapped = folds.flatMap(({ pair }, idx) => {
      const layer = measured[idx];
      if (!layer?.counterpart) return [];
      return [{ pair, dtype: layer.report.dtype, candidateNode: layer.counterpart.result }];
    });
    let done = 0;
    const run = await runAccumulated(runtimeScript, sides, tapped, params, context, (result) => {
      const layer = layers.get(result.id);
      if (layer === undefined) return;
      const label = driftLabel(result.metrics, layer.dtype, 'accumulated');
      const complete: DriftLayerReport = {
        ...layer,
        accumulated: metricsReport(result.metrics),
        label: layer.label === null ? label : worseLabel(layer.label, label),
      };
      layers.set(result.id, complete);
      onProgress({ stage: 'drift', done: ++done, total, layer: complete });
    });
    return {
      schema: 1,
      reference: params.path,
      candidate: candidate === null ? null : params.fused,
      ...run,
      seed: params.seed,
      samples: params.samples,
      layers: [...layers.values()],
      attention: attentionList([...layers.values()]),
    };
  } finally {
    sides.reference.files.close();
    sides.candidate?.files.close();
  }
}

/** The detail of one layer: error histogram and ranges per channel. Null when the fused file has no such layer. */
export async function driftDetail(
  cache: ModelCache,
  params: DriftParams & { readonly id: string },
  context: JobContext,
): Promise<DriftDetail | null> {
  const { reference, candidate, folds, counterparts } = await openSides(cache, params, context);
  try {
    const fold = folds.find(({ pair }) => pair.id === params.id);
    const found =
      fold === undefined ? null : measureOne(reference.model, fold, folds, counterparts, params);
    return found === null ? null : layerDetail(params.id, found.measurement);
  } finally {
    reference.files.close();
    candidate?.files.close();
  }
}

/** What `--ranges` writes, keyed by pair. */
export type PromisedRanges = Readonly<
  Record<
    string,
    {
      readonly bn: string;
      readonly activation: string;
      readonly min: number;
      readonly max: number;
      readonly channelMin: readonly number[];
      readonly channelMax: readonly number[];
    }
  >
>;

/** The range every BatchNorm promises for its output, before a fold destroys the knowledge. Reads no weights. */
export async function promisedRanges(
  cache: ModelCache,
  params: DriftParams,
  context: JobContext,
): Promise<PromisedRanges> {
  const { model, files } = cache.open(params.path);
  try {
    const { pairs } = await pairModel(model, params, context);
    return Object.fromEntries(
      pairs.flatMap((pair) =>
        foldIfPossible(model, pair).map(({ reference: { gamma, beta } }) => {
          const activation = followingActivation(model.network, pair.bn.name);
          const { min, max, channelMin, channelMax } = promisedRange(gamma, beta, activation);
          const channels = { channelMin: [...channelMin], channelMax: [...channelMax] };
          return [
            pair.id,
            { bn: pair.bn.name, activation: activation.name, min, max, ...channels },
          ];
        }),
      ),
    );
  } finally {
    files.close();
  }
}

interface Sides {
  readonly reference: ModelAndFiles & PairedModel;
  readonly candidate: (ModelAndFiles & PairedModel) | null;
  readonly folds: readonly Fold[];
  readonly counterparts: Counterparts;
}

async function openSides(
  cache: ModelCache,
  params: DriftParams,
  context: JobContext,
): Promise<Sides> {
  context.throwIfCancelled();
  context.report({ stage: 'read', done: 0, total: 0 });
  const open = async (path: string): Promise<ModelAndFiles & PairedModel> => {
    const opened = cache.open(path);
    return { ...opened, pairing: await pairModel(opened.model, params, context) };
  };
  const reference = await open(params.path);
  if (params.fused === null) {
    const { folded } = selectPairs(reference.pairing, { only: null, skip: [] });
    const folds = folded.map((pair) => foldPair(reference.model, pair));
    return { reference, candidate: null, folds, counterparts: ownCounterparts };
  }
  const candidate = await open(params.fused);
  const folds = reference.pairing.pairs.flatMap((pair) => foldIfPossible(reference.model, pair));
  const counterparts = await foreignCounterparts(folds, reference, candidate, context);
  return { reference, candidate, folds, counterparts };
}

/** Another tool may have folded what we would leave, so every pair that has numbers is compared. */
function foldIfPossible(model: OpenedModel, pair: Pair): Fold[] {
  try {
    return [foldPair(model, pair)];
  } catch (error) {
    // Pairs blocked for their numbers have no fold to compare with; their reason is in the pairs' own list.
    if (error instanceof ModelFormatError) return [];
    throw error;
  }
}
