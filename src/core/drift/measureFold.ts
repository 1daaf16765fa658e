import { roundTo } from '../bytes/floats';
import type { Fold } from '../model/fold';
import type { BatchNormLayer, ConvLayer, EpsSource } from '../model/layer';
import type { OpenedModel } from '../model/openedModel';
import { isFloatDType } from '../model/tensor';
import { promisedRange, type ActivationRange } from './activationRange';
import { driftSentence } from './driftSentence';
import { explainFold, shownEps, type Explanation, type Neighbour } from './explainFold';
import { followingActivation } from './followingActivation';
import { isolatedDrift, type FoldedLayer, type IsolatedOutputs } from './isolated';
import { countNotFinite, isEqual, scaleRows } from './kernels/weightKernels';
import { driftLabel, type DriftLabel } from './label';
import type { DriftMetrics } from './metrics';
import { quantizationReadiness, type QuantizationReadiness } from './quantization';
import { weightMatrix, type WeightMatrix } from './weightMatrix';

/** Everything that is measured of one fold on its own. */
export interface FoldMeasurement {
  readonly metrics: DriftMetrics;
  readonly outputs: IsolatedOutputs;
  readonly label: DriftLabel;
  readonly explanation: Explanation;
  readonly quantization: QuantizationReadiness;
  readonly range: ActivationRange;
  readonly activation: string;
}

/** The weight of a pair's convolution, unfolded. */
export function originalWeight(model: OpenedModel, { pair }: Fold): WeightMatrix {
  return weightMatrix(pair.conv, model.readValues(pair.conv.weight));
}

/** Measures `folded`, by whatever tool it was made, against the pair it should be the fold of. */
export function measureFold(
  model: OpenedModel,
  fold: Fold,
  original: WeightMatrix,
  folded: FoldedLayer,
  neighbours: readonly Neighbour[],
  job: { readonly seed: number; readonly samples: number },
): FoldMeasurement {
  const { metrics, outputs } = isolatedDrift(original, fold.reference, folded, job);
  const activation = followingActivation(model.network, fold.pair.bn.name);
  const { gamma, beta } = fold.reference;
  const broken = brokenValues(original, folded);
  return {
    metrics,
    outputs,
    label: broken === null ? driftLabel(metrics, folded.dtype, 'isolated') : 'bad',
    explanation:
      broken ??
      withAssumedEps(explainFold(original, fold.reference, folded, neighbours), fold.pair.bn),
    quantization: quantizationReadiness(original, folded.weight, folded.bias, gamma),
    range: promisedRange(gamma, beta, activation),
    activation: activation.name,
  };
}

/** Where a side holds values that are no numbers, that is all there is to say; null where there are none. */
function brokenValues(original: WeightMatrix, folded: FoldedLayer): Explanation | null {
  const before = countNotFinite(original.values);
  const after = countNotFinite(folded.weight.values) + countNotFinite(folded.bias ?? NO_BIAS);
  if (before + after === 0) return null;
  const words =
    before > 0
      ? driftSentence('MODEL_NOT_FINITE', String(before))
      : driftSentence('FOLD_NOT_FINITE', String(after));
  return { recipe: 'unknown', eps: null, bn: null, ...words };
}

/** A checkpoint holds no eps. Where another was assumed for it, a fold with its true one is no mistake of the tool. */
function withAssumedEps(explanation: Explanation, bn: BatchNormLayer): Explanation {
  if (explanation.recipe !== 'other-eps' || !assumedSources.has(bn.epsSource)) return explanation;
  const words = driftSentence('OTHER_EPS_ASSUMED', String(explanation.eps), shownEps(bn.eps));
  return { ...explanation, ...words };
}

const assumedSources: ReadonlySet<EpsSource> = new Set<EpsSource>([
  'statistics',
  'family',
  'default',
]);

const NO_BIAS = new Float64Array(0);

/** The layer that a fuse of this pair writes: scaled and rounded once to the weight's element type. */
export function ownFold(fold: Fold, original: WeightMatrix): FoldedLayer {
  const { dtype, scale } = fold.weight;
  const values = scaleRows(original.values, scale, dtype);
  const bias = fold.bias.map((value) => roundTo(value, dtype) * fold.reference.biasFactor);
  return { weight: { ...original, values }, bias, dtype };
}

/** A convolution as it stands in a file, with its own bias. Null when its element type holds no fold. */
export function storedLayer(
  model: OpenedModel,
  conv: ConvLayer,
  biasFactor = 1,
): FoldedLayer | null {
  const { dtype } = conv.weight;
  if (!isFloatDType(dtype)) return null;
  const weight = weightMatrix(conv, model.readValues(conv.weight));
  const bias = conv.bias && spreadBias(model.readValues(conv.bias), weight.channels, biasFactor);
  return { weight, bias, dtype };
}

/**
 * A convolution that still has its BatchNorm, as the one convolution it computes; in float64. `behind` is the fold of
 * that BatchNorm as if the convolution had no bias.
 */
export function composedLayer(stored: FoldedLayer, behind: Fold): FoldedLayer {
  const { weight, bias: convBias } = stored;
  const { scale } = behind.weight;
  const { biasFactor } = behind.reference;
  // A neutral BatchNorm's 1/√(1 − eps + eps) is 1 but for rounding, which is no change of the weight.
  const isNeutral = scale.every((factor) => Math.abs(factor - 1) < NEUTRAL_TOLERANCE);
  const values = isNeutral ? weight.values : scaleRows(weight.values, scale, null);
  const bias = behind.bias.map(
    (shift, c) => shift * biasFactor + (convBias?.[c] ?? 0) * (scale[c] ?? NaN),
  );
  const unfolded = { weight, reference: { ...behind.reference, convBias } };
  return { ...stored, weight: { ...weight, values }, bias, unfolded };
}

/** Two steps of float32 at 1. */
const NEUTRAL_TOLERANCE = 2 ** -22;

/** Whether two weights hold the same numbers. */
export function isSameWeight(one: WeightMatrix, other: WeightMatrix): boolean {
  return isEqual(one.values, other.values);
}

/** A stored bias as it adds to each channel of the output; Gemm's may be one number for all. */
export function spreadBias(values: Float64Array, channels: number, factor: number): Float64Array {
  const all = values.length === 1 ? new Float64Array(channels).fill(values[0] ?? NaN) : values;
  return all.map((value) => value * factor);
}
