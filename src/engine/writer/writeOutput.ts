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
import { WriterRun, type WriterJob, type WriterResult } from './writerJob';
import type { WriterThread } from './writerThread';

/** New bytes of a plan are copied to the helper; with more than this there is none. */
const MAX_CLONED_BYTES = 16 * 1024 * 1024;

export interface OutputRequest {
  readonly plan: OutputPlan;
  /** The files the plan's pieces come from; in the order of `OpenedModel.sources`. */
  readonly sources: readonly FileSource[];
  /** Folder the output's files appear in. */
  readonly folder: string;
  readonly overwrite: boolean;
  /** A thread that helps with a large output; null for a small one. */
  readonly helper: WriterThread | null;
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
      sources: sources.map(({ path, identity }) => ({ path, identity })),
      outputs: outputs.temporaries.map((path, idx) => ({
        path,
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

/**
 * Writes from the front in this thread, step by step, so that messages and signals are heard; a helper, once it has
 * booted, comes from the back.
 */
async function runWriters(
  { plan, helper }: OutputRequest,
  targets: WriteTargets,
  context: JobContext,
): Promise<readonly WriterResult[]> {
  const control = new WriteControl();
  const job: WriterJob = { targets, units: cutIntoUnits(plan), control: control.memory };
  const total = plan.files
    .flatMap(({ pieces }) => pieces)
    .reduce((sum, piece) => sum + pieceLength(piece), 0);
  const isHelped = helper?.isFree === true && heldBytes(plan) <= MAX_CLONED_BYTES;
  const help = isHelped ? helper.run(job) : null;
  // It is awaited below only if the helper came in time; its failure must not count as unhandled before that.
  help?.catch(() => undefined);
  try {
    const own = await runFromFront(job, async () => {
      context.report({ stage: 'write', done: control.writtenBytes, total });
      await context.checkpoint();
    });
    return control.close() && help !== null ? [own, await help] : [own];
  } catch (error) {
    control.stop();
    // The helper must have let go of the files before they are closed and removed. When it was the one to fail, its
    // error is the cause, and the stop it made here is not what the user wants to hear about.
    const cause = control.close()
      ? await help?.then(
          () => null,
          (helperError: unknown) => helperError,
        )
      : null;
    throw error instanceof CancellationError && cause instanceof Error ? cause : error;
  }
}

async function runFromFront(
  job: WriterJob,
  betweenUnits: () => Promise<void>,
): Promise<WriterResult> {
  const run = new WriterRun(job, 'front');
  try {
    while (run.step()) await betweenUnits();
    return run.result;
  } finally {
    run.close();
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
