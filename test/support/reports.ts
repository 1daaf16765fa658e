import type { InspectReport, PairReport, StatisticsReport } from '../../src/protocol/reports';

type PairPatch = { readonly id: string } & Partial<
  Pick<PairReport, 'verdict' | 'reasons' | 'evidence' | 'statistics'>
> & { readonly bn?: Partial<PairReport['bn']>; readonly conv?: Partial<PairReport['conv']> };

/** A pair of a report: a 3×3 convolution `id` and its BatchNorm `<id>_bn`, but for what `patch` says. */
export function pairReport(patch: PairPatch): PairReport {
  const { id, conv, bn, ...rest } = patch;
  return {
    id,
    conv: {
      name: id,
      type: 'Conv',
      weight: `${id}.weight`,
      shape: [8, 4, 3, 3],
      layout: 'OI*',
      outAxis: 0,
      groups: 1,
      hasBias: false,
      ...conv,
    },
    bn: {
      name: `${id}_bn`,
      type: 'BatchNormalization',
      channels: 8,
      eps: 1e-5,
      epsSource: 'attribute',
      ...bn,
    },
    evidence: 'graph',
    verdict: 'fusable',
    statistics: null,
    reasons: [],
    ...rest,
  };
}

/** What a report says of statistics that nobody tested. */
export const emptyStatistics: StatisticsReport = {
  test: 'not-needed',
  pairs: 0,
  confirmed: 0,
  silent: 0,
  contradicted: 0,
  proposed: 0,
  activation: null,
  sentence: 'Data flow in the file proves the pairs, so the running statistics are not needed.',
};

/** A report of an ONNX model with these pairs. */
export function inspectReport(
  pairs: readonly PairReport[],
  patch: Partial<InspectReport> = {},
): InspectReport {
  const count = (verdict: PairReport['verdict']): number =>
    pairs.filter((pair) => pair.verdict === verdict).length;
  return {
    schema: 1,
    model: {
      path: '/models/net.onnx',
      format: 'onnx',
      sizeBytes: 1000,
      bytesRead: 100,
      producer: null,
      opsets: { '': 17 },
    },
    policy: 'bevfusion',
    counts: {
      pairs: pairs.length,
      fusable: count('fusable'),
      skipped: count('skipped'),
      blocked: count('blocked'),
      unpaired: 0,
    },
    statistics: emptyStatistics,
    pairs,
    unpaired: [],
    problems: [],
    ...patch,
  };
}
