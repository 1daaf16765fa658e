import { RequestType } from 'vscode-jsonrpc';
import type { CandidateKind } from '../core/statistics/scatterCandidates';
import type { EngineFailure, ModelParams } from './engine';

/** One way to explain the running means of a BatchNorm. */
export interface PictureCandidate {
  readonly kind: CandidateKind;
  readonly conv: string;
  /** What the convolution is fed with, as text; null when the numbers do not tell. */
  readonly fedBy: string | null;
  /** Correlation of predicted and stored means in standard deviations, −1 to 1; null where it is not defined. */
  readonly fit: number | null;
  /** Predicted mean of each channel of the picture; null where the weights hold no number. */
  readonly predicted: readonly (number | null)[];
}

/** Predicted against stored running means of one pair: a line when the pair is right, a cloud when it is not. */
export interface StatisticsPicture {
  readonly id: string;
  readonly bn: string;
  /** Channels shown, ascending; of a large layer an even selection. */
  readonly channels: readonly number[];
  /** running_mean of these channels. */
  readonly stored: readonly number[];
  /** √running_var of these channels, the unit in which a distance from the line counts. */
  readonly std: readonly number[];
  /** The pair as it was found first, then what it may be compared with. Empty when nothing could be predicted. */
  readonly candidates: readonly PictureCandidate[];
}

export interface StatisticsPictureParams extends ModelParams {
  /** Id of a pair. */
  readonly id: string;
}

/** The picture of a pair; null when its statistics cannot be read. Runs the full test unless its result is kept. */
export const statisticsPictureRequest = new RequestType<
  StatisticsPictureParams,
  StatisticsPicture | null,
  EngineFailure
>('fusebn/statisticsPicture');
