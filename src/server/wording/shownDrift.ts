import * as l10n from '@vscode/l10n';
import { driftSentences, type DriftSentence } from '../../core/drift/driftSentence';
import { reasonSentences, type Reason } from '../../core/model/reason';
import type { DriftLayerReport, DriftReport } from '../../protocol/drift';

/** The report as user interfaces show it: every sentence of ours in the user's language. */
export function shownDriftReport(report: DriftReport): DriftReport {
  const { note, noteReason } = report;
  return {
    ...report,
    note: noteReason === undefined ? note : inUsersWords(noteReason),
    layers: report.layers.map(shownDriftLayer),
    left: report.left.map(({ id, reasons }) => ({ id, reasons: reasons.map(reasonInUsersWords) })),
    attention: report.attention.map((each) => ({ ...each, sentence: inUsersWords(each) })),
  };
}

/** One layer, translated alike. */
export function shownDriftLayer(layer: DriftLayerReport): DriftLayerReport {
  const { explanation } = layer;
  if (explanation === null) return layer;
  return { ...layer, explanation: { ...explanation, sentence: inUsersWords(explanation) } };
}

function reasonInUsersWords(reason: Reason): Reason {
  return { ...reason, message: l10n.t(reasonSentences[reason.code], ...reason.args) };
}

function inUsersWords({ code, args }: DriftSentence): string {
  return l10n.t(driftSentences[code], ...args);
}
