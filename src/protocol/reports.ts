import type { Evidence, Policy, Problem, StatisticsFinding, Verdict } from '../core/model/pair';
import type { EpsSource, WeightLayout } from '../core/model/layer';
import type { FoldMode, FormatId } from '../core/model/openedModel';
import type { ReasonCode } from '../core/model/reason';

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

/**
 * How far the running statistics of a file were asked: all of them and the weights (`full`), the signs of the means
 * alone (`signs`), or not at all, because data flow proves the pairs (`not-needed`) or there are none (`no-values`).
 */
export type StatisticsTest = 'full' | 'signs' | 'not-needed' | 'no-values';

/** What the running statistics of a file say as a whole; part of `inspect --json` and `fuse --json`. */
export interface StatisticsReport {
  readonly test: StatisticsTest;
  /** Pairs of the file; each is confirmed, silent or contradicted. */
  readonly pairs: number;
  readonly confirmed: number;
  readonly silent: number;
  readonly contradicted: number;
  /** Pairs that only the statistics found; they count as confirmed as well. */
  readonly proposed: number;
  /** The activation nearly all layers agree on; null when the numbers do not tell. */
  readonly activation: string | null;
  /** One sentence for people: `46 of 49 pairs confirmed, 3 silent.` */
  readonly sentence: string;
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
