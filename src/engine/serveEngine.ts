import type { MessagePort } from 'node:worker_threads';
import {
  createMessageConnection,
  ErrorCodes,
  PortMessageReader,
  PortMessageWriter,
  ResponseError,
  SharedArrayReceiverStrategy,
  SharedArraySenderStrategy,
  type CancellationToken,
} from 'vscode-jsonrpc/node';
import {
  ENGINE_PROTOCOL_VERSION,
  fuseRequest,
  inspectRequest,
  jobProgress,
  structureRequest,
  type EngineFailure,
  type EngineStart,
} from '../protocol/engine';
import { driftDetailRequest, driftProgress, driftRequest } from '../protocol/drift';
import { statisticsPictureRequest } from '../protocol/statistics';
import { surroundingsRequest } from '../protocol/surroundings';
import { INTERNAL, toEngineError } from './engineError';
import type { EngineJobs } from './jobs/engineJobs';
import { JobContext } from './jobs/jobContext';

/**
 * Serves jobs over a port until it closes. `start` is what the other end started this one with, as far as it is known.
 * @throws Error when the two ends do not speak the same protocol.
 */
export function serveEngine(
  port: MessagePort,
  start: EngineStart | null,
  jobs: Pick<
    EngineJobs,
    | 'inspect'
    | 'fuse'
    | 'structure'
    | 'statisticsPicture'
    | 'surroundings'
    | 'drift'
    | 'driftDetail'
  >,
): void {
  if (start?.protocol !== ENGINE_PROTOCOL_VERSION) {
    throw new Error(
      `the engine speaks protocol ${ENGINE_PROTOCOL_VERSION}, its caller ${String(start?.protocol)}: restart the editor`,
    );
  }
  const connection = createMessageConnection(
    new PortMessageReader(port),
    new PortMessageWriter(port),
    undefined,
    {
      // A shared flag reaches a job that is busy in synchronous code; a message would wait until it is done.
      cancellationStrategy: {
        sender: new SharedArraySenderStrategy(),
        receiver: new SharedArrayReceiverStrategy(),
      },
      // One job after the other: each may use the memory it is promised.
      maxParallelism: 1,
    },
  );
  const run = <R>(
    { progressToken }: { readonly progressToken?: string | number },
    token: CancellationToken,
    job: (context: JobContext) => Promise<R>,
  ): Promise<R | ResponseError<EngineFailure>> => {
    const context = new JobContext(token, (progress) => {
      if (progressToken === undefined) return;
      // A progress that cannot be sent means that nobody listens any more.
      void connection.sendProgress(jobProgress, progressToken, progress);
    });
    return job(context).catch(toResponseError);
  };
  connection.onRequest(inspectRequest, (params, token) =>
    run(params, token, (context) => jobs.inspect(params, context)),
  );
  connection.onRequest(structureRequest, (params, token) =>
    run(params, token, (context) => jobs.structure(params, context)),
  );
  connection.onRequest(statisticsPictureRequest, (params, token) =>
    run(params, token, (context) => jobs.statisticsPicture(params, context)),
  );
  connection.onRequest(surroundingsRequest, (params, token) =>
    run({}, token, (context) => jobs.surroundings(params, context)),
  );
  connection.onRequest(fuseRequest, (params, token) =>
    run(params, token, (context) => jobs.fuse(params, context)),
  );
  connection.onRequest(driftRequest, (params, token) =>
    run(params, token, (context) =>
      jobs.drift(params, context, (progress) => {
        if (params.progressToken === undefined) return;
        void connection.sendProgress(driftProgress, params.progressToken, progress);
      }),
    ),
  );
  connection.onRequest(driftDetailRequest, (params, token) =>
    run(params, token, (context) => jobs.driftDetail(params, context)),
  );
  connection.listen();
}

function toResponseError(error: unknown): ResponseError<EngineFailure> {
  const { code, message, cause } = toEngineError(error);
  const stack = code === INTERNAL && cause instanceof Error ? cause.stack : undefined;
  const data = stack === undefined ? { code } : { code, stack };
  return new ResponseError(ErrorCodes.InternalError, message, data);
}
