import { basename, dirname } from 'node:path';
import type { OutputPlan } from '../../core/bytes/outputPlan';
import { ModelFormatError } from '../../core/errors';
import { foldPair } from '../../core/folding/foldPair';
import { loaderName } from '../../core/formats/torch/loader/loaderName';
import { listingFold } from '../../core/formats/moduleText/listingFold';
import { behindLeft, selectPairs } from '../../core/folding/selectPairs';
import type { Fold } from '../../core/model/fold';
import type { OpenedModel } from '../../core/model/openedModel';
import type { Pair } from '../../core/model/pair';
import type { FuseParams } from '../../protocol/engine';
import type { FuseReport } from '../../protocol/reports';
import { FileSource } from '../files/fileSource';
import type { ModelAndFiles, ModelCache } from '../modelCache';
import type { TestimonySource } from '../statistics/testimonySource';
import type { CheckedFold } from '../writer/checkFolds';
import { writeOutput } from '../writer/writeOutput';
import { WriterThread } from '../writer/writerThread';
import { leftReport, nothingToFoldNote, worstFold } from './fuseReport';
import type { JobContext } from './jobContext';
import { noLoaderNote } from './noLoaderNote';
import { defaultOutputPath } from './outputPath';
import { assertFinite, blockOverflowing, OverflowSuspected } from './overflow';
import { pairAndTest } from './pairModel';

/** From this size on a second thread helps to write; a smaller output is done before the thread has booted. */
const HELPED_BYTES = 64 * 1024 * 1024;

/** What a fuse needs besides its parameters. */
export interface FuseServices {
  readonly cache: ModelCache;
  readonly testimonies: TestimonySource;
  /** Path of the bundle of `writerWorker.ts`. */
  readonly writerScript: string;
}

/**
 * Folds pairs and writes the result as a new file.
 * @throws ModelFormatError, RequestError, CancellationError; then no output exists.
 */
export async function fuse(
  { cache, testimonies, writerScript }: FuseServices,
  params: FuseParams,
  context: JobContext,
): Promise<FuseReport> {
  const start = performance.now();
  context.throwIfCancelled();
  context.report({ stage: 'read', done: 0, total: 0 });
  const opened = await cache.open(params.path);
  const isLarge = opened.files.sizeBytes >= HELPED_BYTES;
  // Data flow proves its pairs: there the statistics have nothing to add, and weights are read once only.
  const statistics = params.statistics && opened.model.network.kind !== 'graph';
  const startHelper = (): WriterThread | null => (isLarge ? new WriterThread(writerScript) : null);
  // It boots on another core while this one pairs and plans. The full test takes longer, and needs its memory.
  let helper = statistics ? null : startHelper();
  try {
    const tested = await pairAndTest(opened, { ...params, statistics }, testimonies, context);
    helper ??= startHelper();
    const { pairing } = tested;
    const { folded, left } = selectPairs(pairing, params);
    const written = await foldAndWrite(opened, folded, params, helper, context);
    const notFolded = pairing.pairs.flatMap(
      ({ id }) => [...left, ...written.overflowing].find((pair) => pair.id === id) ?? [],
    );
    const isNothing = written.files.length === 0;
    if (isNothing) assertWhole(opened.model);
    return {
      schema: 1,
      input: params.path,
      output: written.files[0] ?? null,
      files: written.files,
      mode: params.mode,
      folded: written.folded.map(({ id }) => id),
      left: leftReport(notFolded),
      verification: { worst: worstFold(written.checks) },
      statistics: tested.statistics,
      note: isNothing
        ? nothingToFoldNote(opened.model, pairing, notFolded)
        : loaderNote(opened.model, params, written.files),
      elapsedMs: Math.round(performance.now() - start),
    };
  } finally {
    opened.files.close();
    await helper?.dispose();
  }
}

/** @throws ModelFormatError when parts of the model are missing: then nothing to fold is not the whole answer. */
function assertWhole({ problems }: OpenedModel): void {
  const damage = problems.find(({ severity }) => severity === 'error');
  if (damage !== undefined) throw new ModelFormatError(damage.message);
}

/** Where the loader is that was asked for; null when it is among the files. */
function loaderNote(
  { format }: OpenedModel,
  { loader, mode, path }: FuseParams,
  files: readonly string[],
): string | null {
  const isWritten = files.some((file) => basename(file) === loaderName(path));
  return loader && !isWritten ? noLoaderNote(format, mode) : null;
}

/** The files of the output: the model's own, and the loader when it is asked for and one is needed. */
async function planOutput(
  model: OpenedModel,
  folds: readonly Fold[],
  params: FuseParams,
  output: string,
): Promise<OutputPlan> {
  const plan = model.plan(folds, { mode: params.mode, outputName: basename(output) });
  // A drop-in checkpoint loads as it is.
  if (!params.loader || params.mode === 'drop-in') return plan;
  const { loaderFile } = await import('../../core/formats/torch/loader/loaderFile');
  const loader = loaderFile(model, folds, basename(params.path));
  return loader === null ? plan : { files: [...plan.files, loader] };
}

interface Written {
  readonly files: readonly string[];
  readonly folded: readonly Pair[];
  /** Pairs whose folded values do not fit their element type, blocked for that. */
  readonly overflowing: readonly Pair[];
  readonly checks: readonly CheckedFold[];
}

/** Folds what fits and writes it; nothing at all when nothing fits. */
async function foldAndWrite(
  opened: ModelAndFiles,
  pairs: readonly Pair[],
  params: FuseParams,
  helper: WriterThread | null,
  context: JobContext,
): Promise<Written> {
  const { model } = opened;
  const overflowing: Pair[] = [];
  let folds: Fold[] = [];
  for (const pair of pairs) {
    context.report({ stage: 'fold', done: folds.length, total: pairs.length });
    await context.checkpoint();
    const fold = model.format === 'module-text' ? listingFold(pair) : foldPair(model, pair);
    const before = overflowing.find(({ id }) => id === pair.foldsAfter);
    const blocked = before ? behindLeft(pair, before) : blockOverflowing(model, null, fold);
    if (blocked === null) folds.push(fold);
    else overflowing.push(blocked);
  }
  const output = params.output ?? defaultOutputPath(params.path);
  while (folds.length > 0) {
    const plan = await planOutput(model, folds, params, output);
    let checks: readonly CheckedFold[] = [];
    const verify = (done: readonly CheckedFold[]): void => {
      assertFinite(done);
      checks = done;
    };
    try {
      const files = await writeOutput(
        {
          plan,
          sources: model.sources.filter((source) => source instanceof FileSource),
          folder: dirname(output),
          overwrite: params.overwrite,
          helper,
          verify,
        },
        context,
      );
      return { files, folded: folds.map(({ pair }) => pair), overflowing, checks };
    } catch (error) {
      if (!(error instanceof OverflowSuspected)) throw error;
      const blocked = folds
        .filter(({ pair }) => error.ids.includes(pair.id))
        .flatMap((fold) => blockOverflowing(model, plan, fold) ?? []);
      if (blocked.length === 0) throw error;
      overflowing.push(...blocked);
      folds = folds.filter(({ pair }) => blocked.every(({ id }) => id !== pair.id));
    }
  }
  return { files: [], folded: [], overflowing, checks: [] };
}
