import { Worker } from 'node:worker_threads';
import {
  createMessageConnection,
  PortMessageReader,
  PortMessageWriter,
  ResponseError,
  SharedArrayReceiverStrategy,
  SharedArraySenderStrategy,
  type CancellationToken,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { Listing } from '../core/listing/listing';
import type { Surroundings } from '../core/model/surroundings';
import {
  ENGINE_PROTOCOL_VERSION,
  fuseRequest,
  inspectRequest,
  jobProgress,
  structureRequest,
  type EngineFailure,
  type EngineStart,
  type FuseParams,
  type InspectParams,
  type JobProgress,
  type StructureParams,
} from '../protocol/engine';
import {
  driftDetailRequest,
  driftProgress,
  driftRequest,
  type DriftDetail,
  type DriftParams,
  type DriftProgress,
  type DriftReport,
} from '../protocol/drift';
import type { FuseReport, InspectReport } from '../protocol/reports';
import {
  statisticsPictureRequest,
  type StatisticsPicture,
  type StatisticsPictureParams,
} from '../protocol/statistics';
import { surroundingsRequest, type SurroundingsParams } from '../protocol/surroundings';
import { EngineError, INTERNAL, toEngineError } from './engineError';

/** A structure takes megabytes; a file that needs more than this is hostile, and the worker dies instead of its host. */
const MAX_HEAP_MEGABYTES = 2048;

export interface RequestOptions {
  readonly token?: CancellationToken;
  readonly onProgress?: (progress: JobProgress) => void;
}

export interface EngineClientOptions {
  /** Path of the bundle of `worker.ts`. */
  readonly workerScript: string;
  /** Asked when a worker starts: where results of long tests are kept, null (the default) for nowhere. */
  readonly cacheFolder?: () => string | null;
  /** Hears of a worker that died and of internal errors, for the log. */
  readonly onTrouble?: (message: string) => void;
}

/**
 * The engine from the outside. A worker starts with the first request; when it dies, its pending requests fail with
 * `ENGINE_DIED` and the next request starts a new one. Jobs run one after the other.
 */
export class EngineClient {
  private session: EngineSession | null = null;
  private isDisposed = false;
  private nextToken = 0;

  constructor(private readonly options: EngineClientOptions) {}

  /** @throws EngineError; `CANCELLED` when the token was cancelled. */
  inspect(params: InspectParams, options: RequestOptions = {}): Promise<InspectReport> {
    return this.request(options, (connection, progressToken) =>
      connection.sendRequest(inspectRequest, { ...params, progressToken }, options.token),
    );
  }

  /** @throws EngineError; then there is no output. `CANCELLED` when the token was cancelled. */
  fuse(params: FuseParams, options: RequestOptions = {}): Promise<FuseReport> {
    return this.request(options, (connection, progressToken) =>
      connection.sendRequest(fuseRequest, { ...params, progressToken }, options.token),
    );
  }

  /** @throws EngineError; `CANCELLED` when the token was cancelled. */
  structure(params: StructureParams, options: RequestOptions = {}): Promise<Listing> {
    return this.request(options, (connection, progressToken) =>
      connection.sendRequest(structureRequest, { ...params, progressToken }, options.token),
    );
  }

  /** Null when the statistics of the pair cannot be read. @throws EngineError; `CANCELLED` when cancelled. */
  statisticsPicture(
    params: StatisticsPictureParams,
    options: RequestOptions = {},
  ): Promise<StatisticsPicture | null> {
    return this.request(options, (connection, progressToken) =>
      connection.sendRequest(statisticsPictureRequest, { ...params, progressToken }, options.token),
    );
  }

  /** @throws EngineError; `CANCELLED` when the token was cancelled. */
  surroundings(params: SurroundingsParams, options: RequestOptions = {}): Promise<Surroundings> {
    return this.request(options, (connection) =>
      connection.sendRequest(surroundingsRequest, params, options.token),
    );
  }

  /** `onProgress` hears of every layer as it is measured. @throws EngineError; `CANCELLED` when the token was cancelled. */
  drift(
    params: DriftParams,
    options: Pick<RequestOptions, 'token'> & {
      readonly onProgress?: (progress: DriftProgress) => void;
    } = {},
  ): Promise<DriftReport> {
    const { onProgress, token } = options;
    return this.request({}, async (connection, progressToken) => {
      const listener =
        onProgress && connection.onProgress(driftProgress, progressToken, onProgress);
      try {
        return await connection.sendRequest(driftRequest, { ...params, progressToken }, token);
      } finally {
        listener?.dispose();
      }
    });
  }

  /** Null when the fused file has no layer for the pair. @throws EngineError. */
  driftDetail(
    params: DriftParams & { readonly id: string },
    options: RequestOptions = {},
  ): Promise<DriftDetail | null> {
    return this.request(options, (connection, progressToken) =>
      connection.sendRequest(driftDetailRequest, { ...params, progressToken }, options.token),
    );
  }

  /** Ends the worker. Pending requests and later ones fail with `ENGINE_DISPOSED`. */
  dispose(): void {
    this.isDisposed = true;
    this.session?.end(new EngineError('ENGINE_DISPOSED', 'The engine was shut down.'));
    this.session = null;
  }

  private async request<R>(
    { onProgress }: RequestOptions,
    send: (connection: MessageConnection, progressToken: number) => Promise<R>,
  ): Promise<R> {
    if (this.isDisposed) throw new EngineError('ENGINE_DISPOSED', 'The engine was shut down.');
    this.session ??= this.start();
    const { connection, death } = this.session;
    const progressToken = this.nextToken++;
    const listener = onProgress && connection.onProgress(jobProgress, progressToken, onProgress);
    try {
      return await Promise.race([send(connection, progressToken), death]);
    } catch (error) {
      throw this.explain(error);
    } finally {
      listener?.dispose();
    }
  }

  private start(): EngineSession {
    const { workerScript, cacheFolder } = this.options;
    const start = { protocol: ENGINE_PROTOCOL_VERSION, cacheFolder: cacheFolder?.() ?? null };
    const session = new EngineSession(workerScript, start, (error) => {
      if (this.session === session) this.session = null;
      this.options.onTrouble?.(error.message);
    });
    return session;
  }

  private explain(error: unknown): EngineError {
    if (!(error instanceof ResponseError)) return toEngineError(error);
    const failure = error.data as EngineFailure | undefined;
    if (failure?.stack !== undefined) this.options.onTrouble?.(failure.stack);
    return new EngineError(failure?.code ?? INTERNAL, error.message);
  }
}

/** One worker and the connection to it, from its start to its death. */
class EngineSession {
  readonly connection: MessageConnection;
  /** Rejects when the worker is gone, for whatever reason. */
  readonly death: Promise<never>;
  private readonly worker: Worker;
  private reject: (error: EngineError) => void = () => undefined;
  private isOver = false;

  constructor(script: string, start: EngineStart, onDeath: (error: EngineError) => void) {
    this.worker = new Worker(script, {
      workerData: start,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES },
    });
    this.death = new Promise((_, reject) => {
      this.reject = reject;
    });
    // Nobody may be waiting when the worker dies.
    this.death.catch(() => undefined);
    this.connection = createMessageConnection(
      new PortMessageReader(this.worker),
      new PortMessageWriter(this.worker),
      undefined,
      {
        cancellationStrategy: {
          sender: new SharedArraySenderStrategy(),
          receiver: new SharedArrayReceiverStrategy(),
        },
      },
    );
    const die = (reason: string, cause?: unknown): void => {
      if (this.isOver) return;
      const error = new EngineError(
        'ENGINE_DIED',
        `The engine stopped (${reason}). It starts again with the next request.`,
        { cause },
      );
      onDeath(error);
      this.end(error);
    };
    this.worker.on('error', (error) => {
      die(error instanceof Error ? error.message : String(error), error);
    });
    this.worker.on('exit', (code) => {
      die(`exit code ${code}`);
    });
    // Errors of the connection are those of the worker, which are handled above.
    this.connection.onError(() => undefined);
    this.connection.listen();
  }

  /** Ends the worker and fails everything that waits for it. */
  end(error: EngineError): void {
    if (this.isOver) return;
    this.isOver = true;
    this.reject(error);
    this.connection.dispose();
    void this.worker.terminate();
  }
}
