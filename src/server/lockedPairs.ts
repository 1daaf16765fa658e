import { isOverridable } from '../core/pairing/reasonKinds';
import type { InspectReport, PairReport } from '../protocol/reports';

/** What data flow or numbers prove wrong stays wrong; what names only suggest, the user may know better. */
export function isLocked({ verdict, reasons, evidence }: PairReport): boolean {
  return verdict === 'blocked' && !reasons.every(({ code }) => isOverridable(code, evidence));
}

/** Ids of the blocked pairs that nobody can choose to fold. */
export function lockedPairs(report: InspectReport): readonly string[] {
  return report.pairs.filter(isLocked).map(({ id }) => id);
}
