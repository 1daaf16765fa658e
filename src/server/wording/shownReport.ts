import * as l10n from '@vscode/l10n';
import { findingSentences } from '../../core/model/findingSentence';
import type { StatisticsFinding } from '../../core/model/pair';
import { reasonSentences } from '../../core/model/reason';
import { reasonKinds } from '../../core/pairing/reasonKinds';
import { statisticsText, untestedText } from '../../core/wording/statisticsText';
import type {
  InspectReport,
  PairReport,
  ReasonReport,
  StatisticsReport,
} from '../../protocol/reports';

/**
 * The report as user interfaces show it: every sentence in the user's language, and of each pair the reasons that
 * decided its verdict first, causes before doubts.
 */
export function shownReport(report: InspectReport): InspectReport {
  return {
    ...report,
    statistics: shownStatistics(report.statistics),
    pairs: report.pairs.map((pair) => ({
      ...pair,
      statistics: pair.statistics === null ? null : shownFinding(pair.statistics),
      reasons: shownReasons(pair),
    })),
    unpaired: report.unpaired.map((each) => ({ ...each, reasons: each.reasons.map(translated) })),
  };
}

/** Whether a reason is why the pair is skipped or blocked, and not just a remark. */
export function isDecisive(reason: ReasonReport, verdict: PairReport['verdict']): boolean {
  const kind = reasonKinds[reason.code];
  switch (verdict) {
    case 'fusable':
      return false;
    case 'skipped':
      return kind === 'choice';
    case 'blocked':
      return kind !== 'choice' && kind !== 'note';
  }
}

function shownStatistics(statistics: StatisticsReport): StatisticsReport {
  const { test, contradicted } = statistics;
  const sentence =
    test === 'full' ? statisticsText(statistics, l10n.t) : untestedText(test, contradicted, l10n.t);
  return { ...statistics, sentence };
}

function shownFinding(finding: StatisticsFinding): StatisticsFinding {
  const { code, args } = finding;
  return { ...finding, sentence: l10n.t(findingSentences[code], ...args) };
}

function shownReasons({ reasons, verdict }: PairReport): ReasonReport[] {
  const rank = (reason: ReasonReport): number => {
    if (!isDecisive(reason, verdict)) return 2;
    // That names do not prove a pair tells less than what was found instead.
    return reason.code === 'PAIR_UNPROVED' ? 1 : 0;
  };
  return reasons.toSorted((a, b) => rank(a) - rank(b)).map(translated);
}

/** English where there is no translation. */
function translated(reason: ReasonReport): ReasonReport {
  const { code, args } = reason;
  return args === undefined
    ? reason
    : { ...reason, message: l10n.t(reasonSentences[code], ...args) };
}
