import { outAxis } from '../../core/model/layer';
import type { OpenedModel } from '../../core/model/openedModel';
import type { Pair, Policy, Verdict } from '../../core/model/pair';
import type { Reason } from '../../core/model/reason';
import type { InspectReport, PairReport, ReasonReport } from '../../protocol/reports';
import type { TestedPairing } from './pairModel';

/** What a report says of the file itself. */
export interface InspectedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly bytesRead: number;
}

/** The answer to `inspect`, as DESIGN.md section 9 lays it down. */
export function inspectReport(
  file: InspectedFile,
  model: OpenedModel,
  { pairing, statistics }: TestedPairing,
  policy: Policy,
): InspectReport {
  const { pairs, unpaired } = pairing;
  const count = (verdict: Verdict): number =>
    pairs.filter((pair) => pair.verdict === verdict).length;
  return {
    schema: 1,
    model: {
      path: file.path,
      format: model.format,
      sizeBytes: file.sizeBytes,
      bytesRead: file.bytesRead,
      producer: model.producer,
      opsets: Object.fromEntries(model.opsets),
    },
    policy,
    counts: {
      pairs: pairs.length,
      fusable: count('fusable'),
      skipped: count('skipped'),
      blocked: count('blocked'),
      unpaired: unpaired.length,
    },
    statistics,
    pairs: pairs.map(pairReport),
    unpaired: unpaired.map(({ bn, reasons }) => ({ bn, reasons: reasons.map(reasonReport) })),
    problems: [...model.problems, ...pairing.problems],
  };
}

/** One pair of a report. */
export function pairReport(pair: Pair): PairReport {
  const { conv, bn } = pair;
  return {
    id: pair.id,
    conv: {
      name: conv.name,
      type: conv.type,
      weight: conv.weight.name,
      shape: conv.weight.shape,
      layout: conv.layout,
      outAxis: outAxis(conv.layout, conv.weight.shape.length),
      groups: conv.groups,
      hasBias: conv.bias !== null,
    },
    bn: {
      name: bn.name,
      type: bn.type,
      channels: bn.channels,
      eps: bn.eps,
      epsSource: bn.epsSource,
    },
    evidence: pair.evidence,
    verdict: pair.verdict,
    statistics: pair.statistics,
    reasons: pair.reasons.map(reasonReport),
  };
}

/** A reason with the arguments that let a user interface say it in another language. */
export function reasonReport({ code, message, args }: Reason): ReasonReport {
  return args.length === 0 ? { code, message } : { code, message, args };
}
