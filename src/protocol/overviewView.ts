import type { EpsSource } from '../core/model/layer';
import type { FormatId } from '../core/model/openedModel';
import type { Evidence, Policy, Problem, StatisticsFinding, Verdict } from '../core/model/pair';
import type { ConnectionBasis, SurroundingRole, Surroundings } from '../core/model/surroundings';
import type { InspectReport } from './reports';
import type { TestRun } from './statisticsView';

/** What a row of the overview is: a pair by its verdict, or a BatchNorm that no convolution feeds. */
export type RowKind = Verdict | 'unpaired';

/** A pair as the page shows it. Sentences are in the user's language. */
export interface OverviewPair {
  readonly id: string;
  readonly verdict: Verdict;
  readonly conv: string;
  /** The convolution as a person would call it. */
  readonly convLabel: string;
  /** `Conv 16→32 3×3`. */
  readonly summary: string;
  readonly weight: string;
  readonly shape: readonly number[];
  readonly hasBias: boolean;
  readonly bn: string;
  /** The BatchNorm as it is called beside its convolution. */
  readonly bnLabel: string;
  readonly bnType: string;
  readonly channels: number;
  readonly eps: number;
  readonly epsSource: EpsSource;
  readonly evidence: Evidence;
  /** What the statistics say; null where they were not asked. */
  readonly finding: OverviewFinding | null;
  /** Those that decided the verdict first. */
  readonly reasons: readonly string[];
  /** Whether the user may fold it, were it blocked or skipped. */
  readonly isChoosable: boolean;
}

export interface OverviewFinding extends Pick<StatisticsFinding, 'says' | 'fit' | 'sentence'> {
  /** `relu(stage1.bn)`, inferred; null where the numbers do not tell. */
  readonly fedBy: string | null;
}

/** Everything known of a model that could be read. */
export interface OverviewReport {
  readonly format: FormatId;
  readonly producer: string | null;
  readonly opsets: Readonly<Record<string, number>>;
  readonly sizeBytes: number;
  readonly bytesRead: number;
  readonly policy: Policy;
  readonly counts: InspectReport['counts'];
  /** What the statistics of the file say as a whole, and whether a test could tell more. */
  readonly statistics: {
    readonly sentence: string;
    readonly activation: string | null;
    readonly isTestable: boolean;
    readonly hasPictures: boolean;
  };
  readonly pairs: readonly OverviewPair[];
  readonly unpaired: readonly { readonly bn: string; readonly reasons: readonly string[] }[];
  readonly problems: readonly Problem[];
}

/** What the page shows of a file. */
export type OverviewState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'ready'; readonly report: OverviewReport };

export interface OverviewContent {
  readonly name: string;
  readonly state: OverviewState;
}

/** Words of the page in the user's language. `{0}`, `{1}` … are places for arguments. */
export interface OverviewTexts {
  readonly reading: string;
  readonly tryAgain: string;
  readonly fuse: string;
  readonly structure: string;
  readonly drift: string;
  readonly statistics: string;
  readonly test: string;
  readonly stop: string;
  readonly testing: string;
  readonly formats: Readonly<Record<FormatId, string>>;
  readonly opset: string;
  readonly size: string;
  readonly sizeAllRead: string;
  readonly policy: string;
  readonly policyHelp: Readonly<Record<Policy, string>>;
  readonly activation: string;
  readonly noPairs: string;

  readonly picture: string;
  readonly kinds: Readonly<Record<RowKind, string>>;
  readonly all: string;
  readonly showKinds: string;
  readonly filter: string;
  readonly noMatch: string;
  readonly table: string;
  readonly columns: Readonly<
    Record<
      'verdict' | 'conv' | 'shape' | 'bn' | 'eps' | 'evidence' | 'statistics' | 'reason',
      string
    >
  >;
  readonly shown: string;

  readonly reveal: string;
  readonly fuseThis: string;
  readonly fuseAnyway: string;
  readonly pairDrift: string;
  readonly pairStatistics: string;
  readonly facts: Readonly<
    Record<
      'name' | 'weight' | 'bias' | 'batchNorm' | 'eps' | 'knownBy' | 'statistics' | 'fedBy',
      string
    >
  >;
  readonly hasBias: string;
  readonly noBias: string;
  readonly channels: string;
  readonly epsSources: Readonly<Record<EpsSource, string>>;
  readonly evidence: Readonly<Record<Evidence, string>>;
  readonly evidenceHelp: Readonly<Record<Evidence, string>>;
  readonly says: Readonly<Record<StatisticsFinding['says'], string>>;
  readonly unasked: string;
  readonly fedBy: string;
  readonly inferred: string;

  readonly drawing: string;
  readonly roles: Readonly<Record<SurroundingRole, string>>;
  readonly networkInput: string;
  readonly networkOutput: string;
  readonly bases: Readonly<Record<ConnectionBasis, string>>;
  readonly unknownInput: string;
  readonly loading: string;
}

/** Messages to the page. */
export type ToOverviewView =
  /** Everything anew. */
  | {
      readonly type: 'show';
      readonly content: OverviewContent;
      readonly run: TestRun;
      readonly texts: OverviewTexts;
    }
  /** The file was read or tested anew. */
  | { readonly type: 'content'; readonly content: OverviewContent }
  | { readonly type: 'run'; readonly run: TestRun }
  /** A drawing; `failure` says in a sentence why there is none. */
  | {
      readonly type: 'surroundings';
      readonly id: string;
      readonly surroundings: Surroundings | null;
      readonly failure: string | null;
    }
  /** A pair was chosen elsewhere in the editor. */
  | { readonly type: 'select'; readonly id: string };

/** Messages from the page, after `decodeFromOverviewView` has accepted them. */
export type FromOverviewView =
  | {
      readonly type:
        'ready' | 'retry' | 'fuse' | 'structure' | 'drift' | 'statistics' | 'test' | 'stop';
    }
  /** About one pair. */
  | {
      readonly type: 'surroundings' | 'fusePair' | 'pairDrift' | 'pairStatistics';
      readonly id: string;
    }
  /** Show a layer in the structure, and the pair it belongs to, if any, in the view. */
  | { readonly type: 'reveal'; readonly layer: string; readonly id: string | null };
