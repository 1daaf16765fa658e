import type { StatisticsFinding, Verdict } from '../core/model/pair';
import type { CandidateKind } from '../core/statistics/scatterCandidates';
import type { StatisticsPicture } from './statistics';

/** A pair as the page lists it. */
export interface ShownPair {
  readonly id: string;
  readonly conv: string;
  readonly bn: string;
  /** Channels of the BatchNorm; a picture may show fewer. */
  readonly channels: number;
  readonly verdict: Verdict;
  /** What the statistics say, in the user's language; null when they were not asked. */
  readonly finding: Pick<StatisticsFinding, 'says' | 'fit' | 'sentence'> | null;
}

/** How far the statistical test of the model is. */
export type TestRun =
  | { readonly kind: 'running'; readonly done: number; readonly total: number }
  | { readonly kind: 'ended' };

/** What the page shows of a model besides pictures. */
export interface StatisticsContent {
  /** Absolute path of the model. */
  readonly path: string;
  readonly name: string;
  readonly pairs: readonly ShownPair[];
  /** What the statistics of the file say as a whole. */
  readonly sentence: string;
}

/** What the page keeps over a reload of the window. */
export interface KeptStatistics {
  readonly path: string;
  /** The pair whose picture is shown. */
  readonly id: string;
}

/** A picture, or why there is none: `failure` is a sentence, both are null for a pair without statistics. */
export interface PictureAnswer {
  readonly id: string;
  readonly picture: StatisticsPicture | null;
  readonly failure: string | null;
}

/** Words of the page in the user's language. `{0}`, `{1}` … are places for arguments. */
export interface StatisticsTexts {
  readonly title: string;
  readonly pair: string;
  readonly previousPair: string;
  readonly nextPair: string;
  readonly position: string;
  readonly reveal: string;
  readonly stop: string;
  readonly test: string;
  readonly testing: string;
  readonly loading: string;
  readonly stopped: string;
  readonly noPairs: string;
  readonly none: string;
  readonly unpredicted: string;
  readonly verdicts: Readonly<Record<Verdict, string>>;
  readonly says: Readonly<Record<StatisticsFinding['says'], string>>;
  readonly unasked: string;

  readonly chart: string;
  readonly chartHelp: string;
  readonly chartSummary: string;
  readonly lines: Readonly<Record<'line' | 'loose' | 'cloud', string>>;
  /** In the place of `lines` where there is too little to see one. */
  readonly tooFew: string;
  readonly predicted: string;
  readonly stored: string;
  readonly predictedStd: string;
  readonly storedStd: string;
  readonly identity: string;
  readonly units: string;
  readonly unitMean: string;
  readonly unitStd: string;
  readonly near: string;
  readonly far: string;
  readonly channelSentence: string;
  readonly fit: string;

  readonly candidates: string;
  readonly previousCandidate: string;
  readonly nextCandidate: string;
  readonly kinds: Readonly<Record<CandidateKind, string>>;
  readonly fedBy: string;
  readonly unknownInput: string;

  readonly table: string;
  readonly columns: Readonly<
    Record<'channel' | 'predicted' | 'stored' | 'difference' | 'deviations', string>
  >;
  readonly selection: string;
}

export type ToStatisticsView =
  | {
      readonly type: 'show';
      readonly content: StatisticsContent;
      readonly run: TestRun;
      readonly texts: StatisticsTexts;
      readonly id: string;
    }
  /** The model was read or tested anew. */
  | { readonly type: 'content'; readonly content: StatisticsContent }
  | { readonly type: 'run'; readonly run: TestRun }
  | ({ readonly type: 'picture' } & PictureAnswer)
  /** Another pair is to be shown. */
  | { readonly type: 'select'; readonly id: string };

export type FromStatisticsView =
  | { readonly type: 'ready' }
  /** The page has a place for this pair's picture. */
  | { readonly type: 'picture'; readonly id: string }
  | { readonly type: 'reveal'; readonly id: string }
  | { readonly type: 'test' }
  | { readonly type: 'stop' };
