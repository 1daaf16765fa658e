import * as l10n from '@vscode/l10n';
import { reasonSentences } from '../../core/model/reason';
import { reasonKinds } from '../../core/pairing/reasonKinds';
import type { InspectReport, PairReport, ReasonReport } from '../../protocol/reports';

/**
 * The report as user interfaces show it: every reason in the user's language, and of each pair the reasons that
 * decided its verdict first.
 */
export function shownReport(report: InspectReport): InspectReport {
  return {
    ...report,
    pairs: report.pairs.map((pair) => ({ ...pair, reasons: shownReasons(pair) })),
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

function shownReasons({ reasons, verdict }: PairReport): ReasonReport[] {
  const decisive = reasons.filter((reason) => isDecisive(reason, verdict));
  const remarks = reasons.filter((reason) => !isDecisive(reason, verdict));
  return [...decisive, ...remarks].map(translated);
}

/** English where there is no translation. */
function translated(reason: ReasonReport): ReasonReport {
  const { code, args } = reason;
  return args === undefined
    ? reason
    : { ...reason, message: l10n.t(reasonSentences[code], ...args) };
}
