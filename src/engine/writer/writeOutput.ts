import { pieceLength, type OutputPlan } from '../../core/bytes/outputPlan';
import { CancellationError } from '../../core/errors';
import type { FileSource } from '../files/fileSource';
import type { JobContext } from '../jobs/jobContext';
import { OutputFiles } from './outputFiles';
import { explainWriteError } from './outputErrors';
import { checkFolds, type CheckedFold } from './checkFolds';
import type { WriteTargets } from './unitWriter';
import { WriteControl } from './writeControl';
import { cutIntoUnits, foldsOf } from './writeUnits';
import { runWriterJob, type WriterJob, type WriterResult } from './writerJob';
import type { WriterThread } from './writerThread';

/** How often the threads are looked after: progress out, cancellation in. */
const WATCH_INTERVAL_MS = 40;

/** New bytes of a plan are copied to each thread; more than this is written without threads instead. */
const MAX_CLONED_BYTES = 16 * 1024 * 1024;

export interface OutputRequest {
  readonly plan: OutputPlan;
  /** The files the plan's pieces come from; in the order of `OpenedModel.sources`. */
  readonly sources: readonly FileSource[];
  /** Folder the output's files appear in. */
  readonly folder: string;
  readonly overwrite: boolean;
  /** One or two threads to write with; none writes in the caller's thread. */
  readonly threads: readonly WriterThread[];
  /** Looks at the checks of all folds before anything gets its name; what it throws discards the output. */
  readonly verify: (checks: readonly CheckedFold[]) => void;
}

/**
 * Executes a plan: whole and checked under the final names, or not at all. The originals are only ever read.
 * @returns absolute paths of the files, the model's own first.
 * @throws RequestError with the codes of OutputFiles, CancellationError.
 */
export async function writeOutput(
  request: OutputRequest,
  context: JobContext,
): Promise<readonly string[]> {
  const { plan, sources, folder } = request;
  const inputs = sources.map(({ identity }) => identity);
  const outputs = new OutputFiles(plan, folder, request.overwrite, inputs);
  try {
    const targets: WriteTargets = {
      sources: sources.map((source) => source.open()),
      outputs: outputs.descriptors.map((descriptor, idx) => ({
        descriptor,
        checksums: plan.files[idx]?.checksums ?? [],
      })),
    };
    const results = await runWriters(request, targets, context);
    request.verify(
      checkFolds(
        foldsOf(plan),
        results.flatMap(({ folds }) => folds),
      ),
    );
    outputs.patchChecksums(results.flatMap(({ checksums }) => checksums));
    context.throwIfCancelled();
    return outputs.publish();
  } catch (error) {
    outputs.discard();
    throw explainWriteError(error, outputs.mainPath);
  }
}

async function runWriters(
  request: OutputRequest,
  targets: WriteTargets,
  context: JobContext,
): Promise<readonly WriterResult[]> {
  const { plan } = request;
  const threads = heldBytes(plan) > MAX_CLONED_BYTES ? [] : request.threads;
  const total = plan.files
    .flatMap(({ pieces }) => pieces)
    .reduce((sum, piece) => sum + pieceLength(piece), 0);
  const control = new WriteControl();
  const watch = (): void => {
    if (context.isCancelled) control.stop();
    context.report({ stage: 'write', done: control.writtenBytes, total });
  };
  const job: WriterJob = {
    targets,
    units: cutIntoUnits(plan),
    control: control.memory,
    end: 'front',
  };
  if (threads.length === 0) return [runWriterJob(job, watch)];

  const timer = setInterval(watch, WATCH_INTERVAL_MS);
  const runs = threads.map(async (thread, idx) => {
    try {
      return await thread.run({ ...job, end: idx === 0 ? 'front' : 'back' });
    } catch (error) {
      control.stop();
      throw error;
    }
  });
  try {
    // All of them must have stopped before files are closed or removed under their hands.
    const settled = await Promise.allSettled(runs);
    const failures = settled.flatMap((run) =>
      run.status === 'rejected' && run.reason instanceof Error ? [run.reason] : [],
    );
    // When one fails, the other one is stopped, which is not what the user wants to hear about.
    const cause = failures.find((error) => !(error instanceof CancellationError)) ?? failures[0];
    if (cause !== undefined) throw cause;
    return settled.flatMap((run) => (run.status === 'fulfilled' ? [run.value] : []));
  } finally {
    clearInterval(timer);
  }
}

/** Bytes of a plan that are in memory: what was made anew, and weights that were no plain range of a file. */
function heldBytes(plan: OutputPlan): number {
  let bytes = 0;
  for (const piece of plan.files.flatMap(({ pieces }) => pieces)) {
    if (piece.kind === 'bytes') bytes += piece.bytes.length;
    if (piece.kind === 'fold' && piece.from.kind === 'bytes') bytes += piece.from.bytes.length;
  }
  return bytes;
}
