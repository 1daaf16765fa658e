import { RequestType } from 'vscode-jsonrpc';
import type { Surroundings } from '../core/model/surroundings';
import type { EngineFailure } from './engine';
import type { PairReport } from './reports';

/** What of a report the drawing around a pair is made from. */
export type SurroundedReport = Pick<PairReport, 'conv' | 'bn' | 'statistics' | 'reasons'>;

export interface SurroundingsParams {
  /** Absolute path of the model file. */
  readonly path: string;
  readonly pair: SurroundedReport;
  /** The pairs whose convolutions the pair's BatchNorm feeds, as the statistics found. */
  readonly fed: readonly SurroundedReport[];
}

/** The layers around a pair. Reads the structure, which an engine that has just listed the pairs still knows. */
export const surroundingsRequest = new RequestType<SurroundingsParams, Surroundings, EngineFailure>(
  'fusebn/surroundings',
);
