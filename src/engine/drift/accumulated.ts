import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { driftSentence, type DriftSentence } from '../../core/drift/driftSentence';
import type { Fold } from '../../core/model/fold';
import type { DriftParams, DriftReport } from '../../protocol/drift';
import { FileSource } from '../files/fileSource';
import { metricsReport } from '../jobs/driftReport';
import type { JobContext } from '../jobs/jobContext';
import type { ModelAndFiles } from '../modelCache';
import { writeOutput } from '../writer/writeOutput';
import { networkTaps, outputNames, type TappedPair } from './networkTaps';
import { runInChild } from './runtime/runtimeClient';
import { RuntimeFailure } from './runtime/runtimeError';
import type { RunnableModel, TapResult } from './runtime/runtimeProtocol';

/** Outputs of one network that may be in memory at once; with both networks and their weights it stays below 1.5 GB. */
const BATCH_BYTES = 256 * 1024 * 1024;

/** What came of running whole networks. */
export type AccumulatedRun = Pick<
  DriftReport,
  'runtime' | 'note' | 'noteReason' | 'error' | 'outputs'
>;

/** Both sides of the comparison; `candidate` is null for the fold that a fuse would write. */
export interface BothSides {
  readonly reference: ModelAndFiles;
  readonly candidate: ModelAndFiles | null;
  readonly folds: readonly Fold[];
}

/**
 * Runs both networks on the same inputs and compares every pair's result and the outputs. Where that cannot be, the
 * note says why in one sentence.
 * @throws CancellationError.
 */
export async function runAccumulated(
  runtimeScript: string,
  sides: BothSides,
  tapped: readonly TappedPair[],
  params: DriftParams,
  context: JobContext,
  onTap: (result: TapResult) => void,
): Promise<AccumulatedRun> {
  const obstacle = obstacleOf(sides, tapped, params);
  if (obstacle !== null) {
    const { sentence: note } = obstacle;
    return { runtime: null, note, noteReason: obstacle, outputs: [] };
  }
  const { reference, candidate, folds } = sides;
  const folder = mkdtempSync(join(tmpdir(), 'fusebn-'));
  try {
    const fused =
      candidate === null
        ? await writeFused(reference, folds, folder, context)
        : runnable(candidate);
    context.report({ stage: 'drift', done: 0, total: tapped.length });
    const { runtime, outputs } = await runInChild(
      runtimeScript,
      {
        runtime: params.runtime,
        reference: runnable(reference),
        candidate: fused,
        taps: networkTaps(reference.model.network, (candidate ?? reference).model.network, tapped),
        inputs: params.inputs,
        axes: params.axes,
        samples: params.samples,
        seed: params.seed,
        batchBytes: BATCH_BYTES,
      },
      context,
      onTap,
    );
    return {
      runtime,
      note: null,
      outputs: outputs.map(({ id, metrics }) => ({ name: id, ...metricsReport(metrics) })),
    };
  } catch (error) {
    if (!(error instanceof RuntimeFailure)) throw error;
    const { code, message } = error;
    const mistake = code === 'INPUT_INVALID' ? { error: { code, message } } : {};
    return { runtime: null, note: message, ...mistake, outputs: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Why whole networks cannot be compared, in one sentence; null when they can. */
function obstacleOf(
  { reference, candidate, folds }: BothSides,
  tapped: readonly TappedPair[],
  params: DriftParams,
): DriftSentence | null {
  if (folds.length === 0) {
    return driftSentence(candidate === null ? 'NOTHING_FOLDED' : 'NOTHING_TO_COMPARE');
  }
  if (tapped.length === 0) return driftSentence('OTHER_NETWORK', String(folds.length));
  if (!params.accumulated) return driftSentence('NETWORKS_NOT_ASKED');
  const foreign = [reference, candidate].find(
    (side) => side !== null && side.model.format !== 'onnx',
  );
  if (foreign !== undefined && foreign !== null) {
    return driftSentence('NO_GRAPH', foreign.model.format);
  }
  return null;
}

function runnable({ model, files }: ModelAndFiles): RunnableModel {
  return {
    path: files.main.path,
    externalData: files.siblingNames,
    outputs: outputNames(model.network),
  };
}

/** Writes what a fuse would write, into a folder that is removed afterwards. */
async function writeFused(
  { model, files }: ModelAndFiles,
  folds: readonly Fold[],
  folder: string,
  context: JobContext,
): Promise<RunnableModel> {
  const plan = model.plan(folds, { mode: 'fold', outputName: basename(files.main.path) });
  const [path = '', ...others] = await writeOutput(
    {
      plan,
      sources: model.sources.filter((source) => source instanceof FileSource),
      folder,
      overwrite: false,
      helper: null,
      verify: () => undefined,
    },
    context,
  );
  return {
    path,
    externalData: others.map((file) => basename(file)),
    outputs: outputNames(model.network),
  };
}
