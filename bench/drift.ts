import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EngineJobs } from '../src/engine/jobs/engineJobs';
import { JobContext } from '../src/engine/jobs/jobContext';
import type { DriftParams, RuntimeChoice } from '../src/protocol/drift';
import { runNode } from './measure';
import { driftModels, type DriftModel } from './models';
import { peakOfProcesses } from './peakOfProcesses';

/** Times vary by a tenth from run to run; the middle of five does not. */
const RUNS = 5;

const [root = '.'] = process.argv.slice(2);
const outdir = join(root, 'out/bench');
const folder = process.env['FUSEBN_BENCH_DIR'] ?? join(outdir, 'models');
const dist = join(root, 'dist');
if (!existsSync(join(dist, 'cli.js'))) throw new Error('dist/ is missing: npm run build makes it');

void bench();

async function bench(): Promise<void> {
  for (const model of driftModels(folder)) {
    fuse(model);
    console.log(`\n${model.title}: drift of the fused file`);
    const native = await compare(model, 'native');
    const wasm = await compare(model, 'wasm');
    console.log(`  WebAssembly takes ${(wasm / native).toFixed(1)} × the time of the native build`);
  }
}

/** One accumulated run beside two plain inference runs, in turn, so that a busy moment falls on both. */
async function compare(model: DriftModel, runtime: RuntimeChoice): Promise<number> {
  const plain: number[] = [];
  const accumulated: number[] = [];
  const isolated: number[] = [];
  for (let round = 0; round <= RUNS; round++) {
    const paths = [runtime, model.path, model.fused];
    const { wallMs } = runNode(outdir, join(outdir, 'plainInference.cjs'), paths);
    const run = await measure(model, runtime);
    // The first round only warms the file cache.
    if (round === 0) continue;
    plain.push(wallMs);
    isolated.push(run.isolatedMs);
    accumulated.push(run.accumulatedMs);
  }
  const command = ['drift', model.path, model.fused, '--runtime', runtime, '--json'];
  const peakBytes = await peakOfProcesses(join(dist, 'cli.js'), command);
  const [yardstick, ours] = [middle(plain), middle(accumulated)];
  const rows = [
    ['two plain inference runs', `${yardstick.toFixed(0)} ms`, ''],
    ['accumulated run', `${ours.toFixed(0)} ms`, `${(ours / yardstick).toFixed(2)} ×`],
    ['fusebn drift, all processes', `${(peakBytes / 1e6).toFixed(0)} MB`, 'peak'],
    ['isolated, every pair', `${middle(isolated).toFixed(0)} ms`, ''],
  ] as const;
  for (const [name, figure, ratio] of rows) {
    console.log(
      `  ${runtime.padEnd(8)}${name.padEnd(28)}${figure.padStart(10)}${ratio.padStart(8)}`,
    );
  }
  return ours;
}

/** Measures a whole drift job; its two parts are told apart by the layers that arrive. */
async function measure(
  model: DriftModel,
  runtime: RuntimeChoice,
): Promise<{ isolatedMs: number; accumulatedMs: number }> {
  const params: DriftParams = {
    path: model.path,
    fused: model.fused,
    policy: 'bevfusion',
    eps: [],
    layout: 'auto',
    structure: null,
    statistics: false,
    inputs: [],
    axes: [],
    samples: 1,
    seed: 0,
    runtime,
    accumulated: true,
  };
  const start = performance.now();
  let isolatedEnd = start;
  const report = await new EngineJobs(dist).drift(params, new JobContext(), ({ layer }) => {
    if (layer?.accumulated === null) isolatedEnd = performance.now();
  });
  const end = performance.now();
  if (report.note !== null) throw new Error(report.note);
  return { isolatedMs: isolatedEnd - start, accumulatedMs: end - isolatedEnd };
}

function fuse({ path, fused }: DriftModel): void {
  if (existsSync(fused)) return;
  runNode(outdir, join(dist, 'cli.js'), ['fuse', path, '-o', fused, '--json']);
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? NaN;
}
