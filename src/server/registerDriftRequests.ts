import type { Connection } from 'vscode-languageserver';
import {
  driftProgress,
  type DriftDetail,
  type DriftParams,
  type DriftProgress,
} from '../protocol/drift';
import { driftModelDetailRequest, driftModelRequest, type DriftModelParams } from '../protocol/lsp';
import { pairingParams, type Settings } from '../protocol/settings';
import type { MeasuringEngine } from './engines';
import { errorReply } from './errorReply';
import { shownDriftLayer, shownDriftReport } from './wording/shownDrift';

export interface DriftRequestServices {
  /** It keeps what it has read of the files it measured last, so that details of their layers come at once. */
  readonly engine: MeasuringEngine;
  readonly settingsOf: (path: string) => Promise<Settings>;
}

/** Serves drift: measuring a model, layer by layer as they come, and single layers in full. */
export function registerDriftRequests(
  connection: Connection,
  { engine, settingsOf }: DriftRequestServices,
): void {
  const job = async (params: DriftModelParams): Promise<DriftParams> => ({
    ...pairingParams(await settingsOf(params.path), false),
    inputs: [],
    axes: [],
    path: params.path,
    fused: params.fused,
    samples: params.samples,
    seed: params.seed,
    runtime: params.runtime,
    accumulated: params.accumulated,
  });

  connection.onRequest(driftModelRequest, async (params, token) => {
    const { progressToken } = params;
    const onProgress = ({ layer, ...progress }: DriftProgress): void => {
      if (progressToken === undefined) return;
      const shown = layer === undefined ? {} : { layer: shownDriftLayer(layer) };
      void connection.sendProgress(driftProgress, progressToken, { ...progress, ...shown });
    };
    const report = engine.drift(await job(params), { token, onProgress });
    return shownDriftReport(await report.catch(replyWithError));
  });

  connection.onRequest(
    driftModelDetailRequest,
    async (params, token): Promise<DriftDetail | null> => {
      const detail = engine.driftDetail({ ...(await job(params)), id: params.id }, { token });
      return detail.catch(replyWithError);
    },
  );
}

function replyWithError(error: unknown): never {
  throw errorReply(error);
}
