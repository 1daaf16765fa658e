import { isGuess, whyNoComposition } from '../../core/drift/composition';
import { driftSentence } from '../../core/drift/driftSentence';
import { shownEps, type Explanation, type Recipe } from '../../core/drift/explainFold';
import { measureFold, originalWeight, type FoldMeasurement } from '../../core/drift/measureFold';
import type { Fold } from '../../core/model/fold';
import type { OpenedModel } from '../../core/model/openedModel';
import type { DriftLayerReport } from '../../protocol/drift';
import { metricsReport, quantizationReport } from '../jobs/driftReport';
import type { JobContext } from '../jobs/jobContext';
import { neighboursOf, type Counterpart, type Counterparts } from './counterparts';

/** What a measurement draws on. */
export interface Draw {
  readonly seed: number;
  readonly samples: number;
}

/** One pair measured against its counterpart. */
export interface MeasuredLayer {
  readonly fold: Fold;
  readonly report: DriftLayerReport;
  /** Null when the fused file has no such layer. */
  readonly counterpart: Counterpart | null;
}

/**
 * Measures every fold on its own, in the model's order, and tells `onLayer` as they come. Pairs that are none are left
 * out.
 */
export async function measureLayers(
  model: OpenedModel,
  folds: readonly Fold[],
  counterparts: Counterparts,
  draw: Draw,
  context: JobContext,
  onLayer: (report: DriftLayerReport, done: number) => void,
): Promise<readonly MeasuredLayer[]> {
  const measured: MeasuredLayer[] = [];
  for (const [idx, fold] of folds.entries()) {
    await context.checkpoint();
    const found = measureOne(model, fold, folds, counterparts, draw);
    const report = layerReport(fold, found);
    if (report === null) continue;
    measured.push({ fold, report, counterpart: found?.counterpart ?? null });
    onLayer(report, idx + 1);
  }
  return measured;
}

/** Everything about one fold, or null when the fused file has no such layer. */
export function measureOne(
  model: OpenedModel,
  fold: Fold,
  folds: readonly Fold[],
  counterparts: Counterparts,
  draw: Draw,
): { readonly measurement: FoldMeasurement; readonly counterpart: Counterpart } | null {
  const original = originalWeight(model, fold);
  const counterpart = counterparts.of(fold, original);
  if (counterpart === null) return null;
  const measurement = measureFold(
    model,
    fold,
    original,
    counterpart.layer,
    neighboursOf(fold, folds),
    draw,
  );
  return { measurement, counterpart };
}

/** Recipes that say the BatchNorm's numbers are in the folded weight. */
const foldingRecipes: ReadonlySet<Recipe> = new Set<Recipe>([
  'right',
  'right-in-float32',
  'other-eps',
  'eps-outside-root',
  'bias-dropped',
  'shift-dropped',
]);

/**
 * Null for a pair that is none: the two do not compose, or only names suggested them and the fused file does not
 * confirm it. Where a tool has folded what does not compose, that is the report.
 */
function layerReport(fold: Fold, found: ReturnType<typeof measureOne>): DriftLayerReport | null {
  const denial = whyNoComposition(fold.pair);
  if (denial === null && !isGuess(fold.pair)) return pairReport(fold, found);
  const isFoldedThere =
    found !== null &&
    found.counterpart.bn === null &&
    foldingRecipes.has(found.measurement.explanation.recipe);
  if (!isFoldedThere) return null;
  const report = pairReport(fold, found);
  if (denial === null) return report;
  const words = driftSentence('FOLDED_ACROSS', denial.message);
  const explanation = { recipe: 'folded-across', eps: null, bn: null, ...words } as const;
  return { ...report, isolated: null, label: 'bad', explanation };
}

function pairReport(fold: Fold, found: ReturnType<typeof measureOne>): DriftLayerReport {
  const { id } = fold.pair;
  if (found === null) {
    return {
      id,
      candidate: null,
      dtype: fold.weight.dtype,
      isolated: null,
      accumulated: null,
      label: null,
      explanation: null,
      quantization: null,
    };
  }
  const { measurement, counterpart } = found;
  return {
    id,
    candidate: counterpart.name,
    dtype: counterpart.layer.dtype,
    isolated: metricsReport(measurement.metrics),
    accumulated: null,
    label: measurement.label,
    explanation:
      counterpart.bn !== null
        ? stillThere(counterpart.bn, fold, measurement.explanation)
        : measurement.explanation,
    quantization: quantizationReport(measurement),
  };
}

/** The BatchNorm has stayed in the fused file; that it has another eps there is told as well. */
function stillThere(bn: string, { pair }: Fold, { recipe, eps }: Explanation): Explanation {
  const hasOtherEps = recipe === 'other-eps' && eps !== null;
  const words = hasOtherEps
    ? driftSentence('BATCHNORM_STILL_THERE_OTHER_EPS', bn, String(eps), shownEps(pair.bn.eps))
    : driftSentence('BATCHNORM_STILL_THERE', bn);
  return { recipe: 'not-folded', eps: hasOtherEps ? eps : null, bn, ...words };
}
