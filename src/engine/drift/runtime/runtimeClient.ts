import { fork, type ChildProcess } from 'node:child_process';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
} from 'vscode-jsonrpc/node';
import { CancellationError } from '../../../core/errors';
import type { JobContext } from '../../jobs/jobContext';
import { RuntimeFailure } from './runtimeError';
import {
  runRequest,
  tapDone,
  type RunParams,
  type RunResult,
  type TapResult,
} from './runtimeProtocol';

/** How often a user's cancel is looked for while the runtime computes. */
const CANCEL_POLL_MS = 100;

/** Lines of the child's last words that go into a message. */
const KEPT_STDERR_CHARACTERS = 2000;

/**
 * Runs two networks in a child process of their own. A crash of the runtime is an error here and nothing more;
 * cancelling ends the child at once.
 * @throws RuntimeFailure, CancellationError.
 */
export async function runInChild(
  childScript: string,
  params: RunParams,
  context: JobContext,
  onTap: (result: TapResult) => void,
): Promise<RunResult> {
  const child = fork(childScript, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    // JSON has no infinities, and metrics do.
    serialization: 'advanced',
  });
  const connection = createMessageConnection(
    new IPCMessageReader(child),
    new IPCMessageWriter(child),
  );
  connection.onNotification(tapDone, onTap);
  connection.listen();
  const end = watchEnd(child);
  let poll: NodeJS.Timeout | undefined;
  const cancelled = new Promise<never>((_, reject) => {
    poll = setInterval(() => {
      if (context.isCancelled) reject(new CancellationError());
    }, CANCEL_POLL_MS);
  });
  try {
    return await Promise.race([connection.sendRequest(runRequest, params), end, cancelled]);
  } catch (error) {
    // A terminal's Ctrl+C ends the child too, perhaps first.
    if (context.isCancelled) throw new CancellationError();
    throw error instanceof ResponseError ? toFailure(error as ResponseError<unknown>) : error;
  } finally {
    clearInterval(poll);
    connection.dispose();
    child.kill('SIGKILL');
  }
}

/** Rejects when the child ends before it has answered. */
function watchEnd(child: ChildProcess): Promise<never> {
  let lastWords = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-KEPT_STDERR_CHARACTERS);
  });
  const end = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code ?? 'unknown'}` : signal;
      const [line = ''] = lastWords.trim().split('\n').slice(-1);
      const words = line === '' ? '' : `: ${line}`;
      reject(
        new RuntimeFailure(
          'NETWORK_FAILED',
          `ONNX Runtime crashed on this network (${how})${words}`,
        ),
      );
    });
  });
  // Nobody waits for it once the answer is there.
  end.catch(() => undefined);
  return end;
}

function toFailure(error: ResponseError<unknown>): RuntimeFailure {
  const code = (error.data as { readonly code: string } | undefined)?.code;
  const isKnown = code === 'INPUT_INVALID' || code === 'NETWORK_REFUSED';
  return new RuntimeFailure(isKnown ? code : 'NETWORK_FAILED', error.message, { cause: error });
}
