import { driftLabel, worseLabel } from '../../core/drift/label';
import type { DriftMetrics } from '../../core/drift/metrics';
import type {
  DriftDetail,
  DriftLayerReport,
  DriftParams,
  DriftProgress,
  DriftReport,
} from '../../protocol/drift';
import { runAccumulated } from '../drift/accumulated';
import { layerDetail } from '../drift/layerDetail';
import type { LastSides } from '../drift/openSides';
import { measureLayers, measureOne } from '../drift/measureLayers';
import { attentionList, metricsReport } from './driftReport';
import type { JobContext } from './jobContext';

/** What a drift job needs besides its parameters. */
export interface DriftServices {
  readonly sides: LastSides;
  /** Path of the bundle of `runtimeChild.ts`. */
  readonly runtimeScript: string;
}

/**
 * Measures the difference between a model and its folded form: each pair on its own, and whole networks where both
 * are ONNX graphs. A network that cannot be run is a note in the report; the isolated figures are there all the same.
 */
export async function drift(
  { sides: lastSides, runtimeScript }: DriftServices,
  params: DriftParams,
  context: JobContext,
  onProgress: (progress: DriftProgress) => void,
): Promise<DriftReport> {
  const sides = await lastSides.open(params, context);
  try {
    const { reference, candidate, folds, left, counterparts } = sides;
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
    const tapped = measured.flatMap(({ fold: { pair }, report: { dtype }, counterpart }) =>
      counterpart === null ? [] : [{ pair, dtype, counterpart }],
    );
    let done = 0;
    const isInherited = inheritance(measured.map(({ report }) => report));
    const run = await runAccumulated(runtimeScript, sides, tapped, params, context, (result) => {
      const layer = layers.get(result.id);
      if (layer === undefined) return;
      const complete = withAccumulated(layer, result.metrics, isInherited(result.id));
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
      left: left.map(({ id, reasons }) => ({ id, reasons })),
      attention: attentionList([...layers.values()]),
    };
  } finally {
    sides.reference.files.close();
    sides.candidate?.files.close();
  }
}

/**
 * Tells which layers lie behind one that is not ok on its own: what it does to everything behind it is not those
 * layers' fault.
 */
function inheritance(layers: readonly DriftLayerReport[]): (id: string) => boolean {
  const first = layers.findIndex(({ label }) => label !== null && label !== 'ok');
  const behind = new Set(first === -1 ? [] : layers.slice(first + 1).map(({ id }) => id));
  return (id) => behind.has(id);
}

/** Adds the accumulated figures, which count for the label unless they are inherited. */
function withAccumulated(
  layer: DriftLayerReport,
  metrics: DriftMetrics,
  isInherited: boolean,
): DriftLayerReport {
  const label = driftLabel(metrics, layer.dtype, 'accumulated');
  const own = layer.label ?? label;
  return {
    ...layer,
    accumulated: metricsReport(metrics),
    label: isInherited ? own : worseLabel(own, label),
  };
}

/** The detail of one layer: error histogram and ranges per channel. Null when the fused file has no such layer. */
export async function driftDetail(
  sides: LastSides,
  params: DriftParams & { readonly id: string },
  context: JobContext,
): Promise<DriftDetail | null> {
  const { reference, candidate, folds, counterparts } = await sides.open(params, context);
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
