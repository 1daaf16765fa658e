import type { DriftLayerReport, DriftReport, MetricsReport } from '../../src/protocol/drift';

/** Metrics with a given SQNR and largest error; the others follow no rule. */
export function metrics(
  sqnrDb: MetricsReport['sqnrDb'],
  maxAbs: MetricsReport['maxAbs'] = sqnrDb === 'identical' ? 0 : 1e-6,
): MetricsReport {
  return { maxAbs, meanAbs: 1e-7, rms: 2e-7, relL2: 3e-8, sqnrDb, cosine: 1, maxUlp: 0.5 };
}

/** A right float32 layer, but for what is given otherwise. */
export function driftLayer(id: string, parts: Partial<DriftLayerReport> = {}): DriftLayerReport {
  return {
    id,
    candidate: id,
    dtype: 'f32',
    isolated: metrics(150),
    accumulated: null,
    label: 'ok',
    explanation: {
      recipe: 'right',
      eps: null,
      bn: null,
      code: 'FOLDED_RIGHT',
      args: [],
      sentence: 'Folded right: every weight is the exact value rounded once.',
    },
    quantization: {
      spreadBefore: 1.5,
      spreadAfter: 3,
      int8TensorDb: 40,
      int8ChannelDb: 45,
      fp16Overflow: 0,
      fp16Subnormal: 2,
      deadChannels: 0,
      negativeGamma: 1,
      outputRange: { min: 0, max: 6, activation: 'relu6' },
    },
    ...parts,
  };
}

export function driftReport(
  layers: readonly DriftLayerReport[],
  parts: Partial<DriftReport> = {},
): DriftReport {
  return {
    schema: 1,
    reference: '/models/net.onnx',
    candidate: null,
    runtime: null,
    note: null,
    seed: 0,
    samples: 1,
    layers,
    outputs: [],
    left: [],
    attention: [],
    ...parts,
  };
}

/** A made-up network of `count` layers: drift that adds up, a few doubtful layers and one wrong. */
export function deepReport(count: number): DriftReport {
  let state = 1;
  const random = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const wrong = Math.floor(count * 0.4);
  const layers = Array.from({ length: count }, (_, idx) => {
    const isWrong = idx === wrong;
    const isDoubtful = idx % 97 === 5;
    const isolated = isWrong ? 22 : isDoubtful ? 95 : 146 + 8 * random();
    const accumulated = (idx >= wrong ? 60 : 140) - 10 * Math.log10(1 + idx) + 3 * random();
    return driftLayer(`backbone.stage${Math.floor(idx / 100)}.conv${idx % 100}`, {
      isolated: metrics(isolated),
      accumulated: metrics(accumulated),
      label: isWrong ? 'bad' : isDoubtful ? 'warn' : 'ok',
    });
  });
  return driftReport(layers, { runtime: 'onnxruntime-node 1.30.0 (native)' });
}
