import { batchNormLabel } from '../../core/wording/batchNormLabel';
import { convSummary } from '../../core/wording/convSummary';
import { fedByText } from '../../core/wording/findingText';
import { layerLabel } from '../../core/wording/layerLabel';
import type { ModelState } from '../../protocol/lsp';
import type {
  OverviewContent,
  OverviewFinding,
  OverviewPair,
  OverviewReport,
} from '../../protocol/overviewView';
import type { InspectReport, PairReport, ReasonReport } from '../../protocol/reports';

/** What the overview shows of a model, as far as it has been read. */
export function overviewContent(name: string, state: ModelState): OverviewContent {
  switch (state.kind) {
    case 'reading':
      return { name, state };
    case 'failed':
      return { name, state: { kind: 'failed', message: state.message } };
    case 'ready':
      return { name, state: { kind: 'ready', report: shownReport(state.report, state.locked) } };
  }
}

function shownReport(report: InspectReport, locked: readonly string[]): OverviewReport {
  const { model, policy, counts, statistics, pairs, unpaired, problems } = report;
  const { format, producer, opsets, sizeBytes, bytesRead } = model;
  const lockedIds = new Set(locked);
  const hasPictures = statistics.test !== 'no-values' && pairs.length > 0;
  return {
    format,
    producer,
    opsets,
    sizeBytes,
    bytesRead,
    policy,
    counts,
    statistics: {
      sentence: statistics.sentence,
      activation: statistics.activation,
      isTestable: hasPictures && statistics.test !== 'full',
      hasPictures,
    },
    pairs: pairs.map((pair) => shownPair(pair, !lockedIds.has(pair.id))),
    unpaired: unpaired.map(({ bn, reasons }) => ({ bn, reasons: sentences(reasons) })),
    problems,
  };
}

function shownPair(pair: PairReport, isChoosable: boolean): OverviewPair {
  const { id, verdict, conv, bn, evidence } = pair;
  return {
    id,
    verdict,
    conv: conv.name,
    convLabel: layerLabel(conv.name, conv.type),
    summary: convSummary(conv),
    weight: conv.weight,
    shape: conv.shape,
    hasBias: conv.hasBias,
    bn: bn.name,
    bnLabel: batchNormLabel(pair),
    bnType: bn.type,
    channels: bn.channels,
    eps: bn.eps,
    epsSource: bn.epsSource,
    evidence,
    finding: shownFinding(pair),
    reasons: sentences(pair.reasons),
    isChoosable,
  };
}

function shownFinding({ statistics }: PairReport): OverviewFinding | null {
  if (statistics === null) return null;
  const { says, fit, sentence } = statistics;
  return { says, fit, sentence, fedBy: fedByText(statistics) };
}

function sentences(reasons: readonly ReasonReport[]): string[] {
  return reasons.map(({ message }) => message);
}
