import type { FoldMeasurement } from '../../core/drift/measureFold';
import type { DriftMetrics } from '../../core/drift/metrics';
import type { DriftLayerReport, MetricsReport, QuantizationReport } from '../../protocol/drift';

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
export function attentionList(
  layers: readonly DriftLayerReport[],
): { id: string; sentence: string }[] {
  return layers
    .flatMap(({ id, label, quantization }) => {
      if (label === 'bad') {
        return [
          {
            id,
            urgency: Infinity,
            sentence: 'The fold itself is wrong: mend it before anything else.',
          },
        ];
      }
      return quantization === null ? [] : [{ id, ...judge(quantization) }];
    })
    .filter(({ urgency }) => urgency > 0)
    .toSorted((a, b) => b.urgency - a.urgency)
    .map(({ id, sentence }) => ({ id, sentence }));
}

function judge(report: QuantizationReport): {
  readonly urgency: number;
  readonly sentence: string;
} {
  const decibels = report.int8TensorDb === 'identical' ? Infinity : report.int8TensorDb;
  if (report.fp16Overflow > 0) {
    return {
      urgency: 1000,
      sentence: `${report.fp16Overflow} folded values do not fit float16; keep this layer in float32.`,
    };
  }
  if (report.spreadAfter >= WIDE_SPREAD) {
    return {
      urgency: report.spreadAfter,
      sentence: `The widest channel is ${report.spreadAfter.toPrecision(3)} times the median (${report.spreadBefore.toPrecision(3)} before folding): quantize per channel, one scale gives ${decibels.toFixed(1)} dB.`,
    };
  }
  if (decibels < LOW_INT8_DB) {
    return {
      urgency: 1 + LOW_INT8_DB - decibels,
      sentence: `int8 with one scale reaches ${decibels.toFixed(1)} dB only.`,
    };
  }
  if (report.fp16Subnormal > 0 && report.deadChannels > 0) {
    return {
      urgency: 0.5,
      sentence: `${report.deadChannels} channels are dead after folding; they cost time and carry nothing.`,
    };
  }
  return { urgency: 0, sentence: '' };
}
