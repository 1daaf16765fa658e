import { DiagnosticSeverity, type Diagnostic, type Range } from 'vscode-languageserver-types';
import type { ReasonCode } from '../../core/model/reason';
import type { LayerPlace } from '../../core/listing/listing';
import type { Problem } from '../../core/model/pair';
import type { ReasonReport } from '../../protocol/reports';
import { pairPlace, shownPairs, type ListingView } from '../listingView';
import { isDecisive } from '../wording/shownReport';

/** Reasons that tell of suspicious statistics. They are worth a look whatever the verdict is. */
const suspicious: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'VARIANCE_INVALID',
  'VARIANCE_INFINITE',
  'PARAMETER_NOT_FINITE',
  'UNTRAINED',
  'DEAD_CHANNELS',
  'FP16_OVERFLOW',
]);

const severities: Readonly<Record<Problem['severity'], DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};

/** What the Problems panel shows: blocked pairs, suspicious statistics, and what the reader of the file noticed. */
export function diagnostics(view: ListingView): Diagnostic[] {
  if (view.variant === 'fused') return [];
  return [...pairDiagnostics(view), ...problemDiagnostics(view)];
}

function pairDiagnostics(view: ListingView): Diagnostic[] {
  return shownPairs(view).flatMap((pair) => {
    const convPlace = pairPlace(view, pair);
    const bnPlace = view.placeByName.get(pair.bn.name) ?? convPlace;
    return pair.reasons.flatMap((reason) => {
      const isBlocking = pair.verdict === 'blocked' && isDecisive(reason, pair.verdict);
      if (!isBlocking && !suspicious.has(reason.code)) return [];
      const severity = isBlocking ? DiagnosticSeverity.Warning : DiagnosticSeverity.Information;
      const place = suspicious.has(reason.code) ? bnPlace : convPlace;
      return [diagnostic(place, severity, reason.message, reason)];
    });
  });
}

function problemDiagnostics(view: ListingView): Diagnostic[] {
  return view.report.problems.map(({ severity, message, layer }) => {
    const place = layer === undefined ? undefined : view.placeByName.get(layer);
    return diagnostic(place, severities[severity], message);
  });
}

function diagnostic(
  place: LayerPlace | undefined,
  severity: DiagnosticSeverity,
  message: string,
  reason?: ReasonReport,
): Diagnostic {
  const shared = { range: placeRange(place), severity, message, source: 'FuseBN' };
  return reason === undefined ? shared : { ...shared, code: reason.code };
}

function placeRange(place: LayerPlace | undefined): Range {
  const { line, column, length } = place ?? { line: 0, column: 0, length: 1 };
  return { start: { line, character: column }, end: { line, character: column + length } };
}
