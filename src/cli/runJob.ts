import { CANCELLED, INTERNAL, toEngineError } from '../engine/engineError';
import type { EngineJobs } from '../engine/jobs/engineJobs';
import type { JobContext } from '../engine/jobs/jobContext';
import { exitCodes } from './exitCodes';
import type { Output } from './output';
import { ProgressLine } from './progressLine';

/** Codes of failures that are about the command, not about the file. */
const usageCodes = new Set(['UNKNOWN_ID', 'USAGE']);

/** A signal by which a terminal or a service asks a process to end. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs jobs for one command and turns what happens into words and an exit code. Jobs run in this process: they yield
 * often, so a signal is heard, and no second copy of the engine has to start. A signal cancels them; nothing partial
 * stays behind.
 */
export async function runJob(
  output: Output,
  isJson: boolean,
  job: (jobs: EngineJobs, context: JobContext) => Promise<number>,
): Promise<number> {
  const flag = { isCancellationRequested: false };
  const cancel = (): void => {
    flag.isCancellationRequested = true;
  };
  for (const signal of endingSignals) process.once(signal, cancel);
  const line = new ProgressLine(process.stderr, !isJson);
  try {
    // Loaded here, so that --help and mistakes in the flags answer at once.
    const [{ EngineJobs }, { JobContext }] = await Promise.all([
      import('../engine/jobs/engineJobs'),
      import('../engine/jobs/jobContext'),
    ]);
    const context = new JobContext(flag, (progress) => {
      line.show(progress);
    });
    return await job(new EngineJobs(__dirname), context);
  } catch (error) {
    line.clear();
    return reportFailure(output, isJson, error);
  } finally {
    line.clear();
    for (const signal of endingSignals) process.off(signal, cancel);
  }
}

/** Says what failed, in the form the user asked for, and returns the exit code. */
export function reportFailure(output: Output, isJson: boolean, error: unknown): number {
  const { code, message, cause } = toEngineError(error);
  if (isJson) output.printJson({ error: { code, message } });
  else if (code !== CANCELLED) output.complain(message);
  if (code === INTERNAL && cause instanceof Error && process.env['FUSEBN_DEBUG'] !== undefined) {
    output.complain(cause.stack ?? cause.message);
  }
  if (code === CANCELLED) return exitCodes.cancelled;
  return usageCodes.has(code) ? exitCodes.usage : exitCodes.failed;
}
