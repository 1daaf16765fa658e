import type { Evidence, Policy, Problem, StatisticsFinding, Verdict } from '../core/model/pair';
import type { EpsSource, WeightLayout } from '../core/model/layer';
import type { FoldMode, FormatId } from '../core/model/openedModel';
import type { ReasonCode } from '../core/model/reason';
import type { StatisticsReport } from './statistics';

/** `inspect --json` (DESIGN.md section 9). Keys are a contract with scripts. */
export interface InspectReport {
  readonly schema: 1;
  readonly model: {
    readonly path: string;
    readonly format: FormatId;
    readonly sizeBytes: number;
    readonly bytesRead: number;
    readonly producer: string | null;
    readonly opsets: Readonly<Record<string, number>>;
  };
  readonly policy: Policy;
  readonly counts: {
    readonly pairs: number;
    readonly fusable: number;
    readonly skipped: number;
    readonly blocked: number;
    readonly unpaired: number;
  };
  readonly statistics: StatisticsReport;
  readonly pairs: readonly PairReport[];
  readonly unpaired: readonly { readonly bn: string; readonly reasons: readonly ReasonReport[] }[];
  readonly problems: readonly Problem[];
}

export interface PairReport {
  readonly id: string;
  readonly conv: {
    readonly name: string;
    readonly type: string;
    readonly weight: string;
    readonly shape: readonly number[];
    readonly layout: WeightLayout;
    readonly outAxis: number | null;
    readonly groups: number;
    readonly hasBias: boolean;
  };
  readonly bn: {
    readonly name: string;
    readonly type: string;
    readonly channels: number;
    readonly eps: number;
    readonly epsSource: EpsSource;
  };
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly statistics: StatisticsFinding | null;
  readonly reasons: readonly ReasonReport[];
}

export interface ReasonReport {
  readonly code: ReasonCode;
  readonly message: string;
  readonly args?: readonly string[];
}

/** `fuse --json`. `output` is null when there was nothing to fold; `note` then says why. */
export interface FuseReport {
  readonly schema: 1;
  readonly input: string;
  readonly output: string | null;
  readonly files: readonly string[];
  readonly mode: FoldMode;
  readonly folded: readonly string[];
  readonly left: readonly {
    readonly id: string;
    readonly verdict: Verdict;
    readonly reasons: readonly ReasonReport[];
  }[];
  readonly verification: { readonly worst: WorstFold | null };
  readonly statistics: StatisticsReport;
  readonly note: string | null;
  readonly elapsedMs: number;
}

/** The pair with the largest isolated error; `sqnrDb` is `identical` where no bit differs. */
export interface WorstFold {
  readonly id: string;
  readonly sqnrDb: number | 'identical';
  readonly maxAbs: number;
}
