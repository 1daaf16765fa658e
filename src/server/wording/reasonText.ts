import * as l10n from '@vscode/l10n';
import { reasonSentences } from '../../core/model/reason';
import type { InspectReport, PairReport, ReasonReport } from '../../protocol/reports';

/** A reason's sentence in the user's language; the English one where there is no translation. */
export function reasonText(reason: ReasonReport): string {
  const { code, message, args } = reason;
  return args === undefined ? message : l10n.t(reasonSentences[code], ...args);
}

/** The report with every reason in the user's language, so that whoever shows it need not translate. */
export function inUsersLanguage(report: InspectReport): InspectReport {
  const translated = <T extends { readonly reasons: PairReport['reasons'] }>(item: T): T => ({
    ...item,
    reasons: item.reasons.map((reason) => ({ ...reason, message: reasonText(reason) })),
  });
  return {
    ...report,
    pairs: report.pairs.map(translated),
    unpaired: report.unpaired.map(translated),
  };
}
