import type { StatisticsFinding } from '../../model/pair';
import type { ReasonCode } from '../../model/reason';

/** What must be known of a pair to draw what is around it. */
export interface SurroundedPair {
  readonly conv: { readonly name: string; readonly type: string };
  readonly bn: { readonly name: string; readonly type: string };
  readonly statistics: StatisticsFinding | null;
  readonly reasons: readonly { readonly code: ReasonCode; readonly args?: readonly string[] }[];
}
