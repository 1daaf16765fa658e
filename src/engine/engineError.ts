import { CancellationError, ModelFormatError, RequestError } from '../core/errors';

/** A failed job as its caller hears of it: a stable code and one sentence. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Code of a job that was cancelled; never shown as an error. */
export const CANCELLED = 'CANCELLED';

/** Code of an error that is a mistake of ours. Its stack belongs in the log. */
export const INTERNAL = 'INTERNAL';

/** Puts any error into the form that leaves the engine. */
export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof CancellationError) return new EngineError(CANCELLED, error.message);
  if (error instanceof ModelFormatError || error instanceof RequestError) {
    return new EngineError(error.code, error.message, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new EngineError(INTERNAL, `Internal error: ${message}`, { cause: error });
}
