import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { CANCELLED, toEngineError } from '../engine/engineError';
import type { EngineFailure } from '../protocol/engine';

/** Any error as a reply to the host. Its sentence is the one the command line prints. */
export function errorReply(error: unknown): ResponseError<EngineFailure> {
  const { code, message } = toEngineError(error);
  const kind = code === CANCELLED ? LSPErrorCodes.RequestCancelled : LSPErrorCodes.RequestFailed;
  return new ResponseError(kind, message, { code });
}
