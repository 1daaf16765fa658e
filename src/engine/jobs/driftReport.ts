import { driftSentence, type DriftSentence } from '../../core/drift/driftSentence';
import type { FoldMeasurement } from '../../core/drift/measureFold';
import type { DriftMetrics } from '../../core/drift/metrics';
import type {
  DriftLayerReport,
  DriftReport,
  MetricsReport,
  QuantizationReport,
} from '../../protocol/drift';

/** Metrics in a form JSON can say. */
export function metricsReport(metrics: DriftMetrics): MetricsReport {
  const say = <T extends number | 'identical'>(value: T): T | 'not finite' =>
    typeof value === 'number' && !Number.isFinite(value) ? 'not finite' : value;
  return {
    maxAbs: say(metrics.maxAbs),
    meanAbs: say(metrics.meanAbs),
    rms: say(metrics.rms),
    relL2: say(metrics.relL2),
    sqnrDb: say(metrics.sqnrDb),
    cosine: metrics.cosine,
    maxUlp: say(metrics.maxUlp),
  };
}

/** Summary of the readiness figures of one layer; the ranges per channel are in its detail. */
export function quantizationReport({
  quantization,
  range,
  activation,
}: FoldMeasurement): QuantizationReport {
  const { rangeBefore, rangeAfter, ...figures } = quantization;
  return { ...figures, outputRange: { min: range.min, max: range.max, activation } };
}

/** From here on one int8 scale for the whole tensor leaves most channels a few steps. */
const WIDE_SPREAD = 16;
/** Below it, int8 rounding is felt in most networks. */
const LOW_INT8_DB = 25;

/** The layers to look at first when quantizing, worst first, each with its reason. */
export function attentionList(layers: readonly DriftLayerReport[]): DriftReport['attention'] {
  return layers
    .flatMap((layer) => {
      const found = judge(layer);
      return found === null ? [] : [{ id: layer.id, ...found }];
    })
    .toSorted((a, b) => b.urgency - a.urgency)
    .map(({ urgency, ...entry }) => entry);
}

/** What is worth a look at a layer, and how much; null when there is nothing. */
function judge({
  label,
  explanation,
  quantization,
}: DriftLayerReport): (DriftSentence & { readonly urgency: number }) | null {
  if (explanation?.code === 'MODEL_NOT_FINITE') {
    return { urgency: Infinity, ...driftSentence(explanation.code, ...explanation.args) };
  }
  if (label === 'bad') return { urgency: Infinity, ...driftSentence('FOLD_WRONG') };
  if (quantization === null) return null;
  const { fp16Overflow, deadChannels, spreadBefore, spreadAfter } = quantization;
  const { int8TensorDb } = quantization;
  const decibels = int8TensorDb === 'identical' ? Infinity : int8TensorDb;
  if (fp16Overflow > 0) {
    return { urgency: 1000, ...driftSentence('FP16_OVERFLOWS', String(fp16Overflow)) };
  }
  if (spreadAfter >= WIDE_SPREAD) {
    const figures = [spreadAfter.toPrecision(3), spreadBefore.toPrecision(3), decibels.toFixed(1)];
    return { urgency: spreadAfter, ...driftSentence('CHANNELS_SPREAD', ...figures) };
  }
  if (decibels < LOW_INT8_DB) {
    const urgency = 1 + LOW_INT8_DB - decibels;
    return { urgency, ...driftSentence('INT8_COARSE', decibels.toFixed(1)) };
  }
  return deadChannels > 0
    ? { urgency: 0.5, ...driftSentence('CHANNELS_DEAD', String(deadChannels)) }
    : null;
}
