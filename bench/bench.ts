import { existsSync, rmSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { median, runNode, runPython, type Run } from './measure';
import { benchModels, type BenchModel } from './models';

/** Times vary by a tenth from run to run; the middle of five does not. */
const RUNS = 5;

interface Contender {
  readonly name: string;
  /** null when it cannot run here. */
  readonly run: () => Run | null;
  readonly runs: number;
}

const [root = '.', ...flags] = process.argv.slice(2);
const outdir = join(root, 'out/bench');
const folder = process.env['FUSEBN_BENCH_DIR'] ?? join(outdir, 'models');
const python = process.env['FUSEBN_BENCH_PYTHON'] ?? 'python3';
const cli = join(root, 'dist/cli.js');
if (!existsSync(cli)) throw new Error('dist/cli.js is missing: npm run build makes it');

console.log(
  'Whole processes, middle of five runs in turn; a peer runs once. Times as shares of the loop.',
);
for (const model of benchModels(folder)) compare(model);

/** Runs every contender in turn, so that a busy moment of the machine falls on all of them alike. */
function compare(model: BenchModel): void {
  const { title, path } = model;
  const size = statSync(path).size;
  const contenders = contendersFor(model);
  const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
  // The first round only warms the file cache.
  for (let round = 0; round <= RUNS; round++) {
    for (const contender of contenders) {
      if (round > contender.runs) continue;
      const measured = contender.run();
      if (measured !== null && round > 0) runs.get(contender.name)?.push(measured);
    }
  }
  console.log(`\n${title} (${(size / 1e6).toFixed(0)} MB)`);
  const loop = median(runs.get('plain read-write loop') ?? []);
  for (const [name, measured] of runs) {
    console.log(
      `  ${name.padEnd(30)}${measured.length > 0 ? line(median(measured), loop, size) : 'not found here'}`,
    );
  }
}

function contendersFor({ path, peer }: BenchModel): readonly Contender[] {
  const output = join(folder, `output${extname(path)}`);
  const fuse = ['fuse', path, '-o', output, '--json'];
  const child = (name: string): string => join(outdir, name);
  const writing = (run: () => Run | null) => () => {
    rmSync(output, { force: true });
    try {
      return run();
    } finally {
      rmSync(output, { force: true });
    }
  };
  const loop: Contender = {
    name: 'plain read-write loop',
    run: writing(() => runNode(outdir, child('plainLoop.cjs'), [path, output])),
    runs: RUNS,
  };
  const fusing = (name: string, runs: number, ...more: string[]): Contender => ({
    name,
    run: writing(() => runNode(outdir, cli, [...fuse, ...more])),
    runs,
  });
  const inspect: Contender = {
    name: 'fusebn inspect',
    run: () => runNode(outdir, cli, ['inspect', path, '--json']),
    runs: RUNS,
  };
  const onnxRuntime: Contender = {
    name: 'ONNX Runtime, offline',
    run: writing(() => runNode(outdir, child('onnxRuntime.cjs'), [path, output])),
    runs: 1,
  };
  const torch: Contender = {
    name: 'PyTorch, load–fold–save',
    run: writing(() =>
      runPython(python, join(root, 'bench/children/torchFuse.py'), [path, output]),
    ),
    runs: 1,
  };
  const own =
    peer === 'onnxRuntime'
      ? [loop, fusing('fusebn fuse', RUNS), inspect]
      : [loop, fusing('fusebn fuse --no-statistics', RUNS, '--no-statistics'), inspect];
  if (flags.includes('--quick')) return own;
  // Data flow needs no statistics; where they run, they compute longer than the writing takes.
  return peer === 'onnxRuntime' ? [...own, onnxRuntime] : [...own, fusing('fusebn fuse', 1), torch];
}

function line({ wallMs, cpuMs, peakBytes, stdout }: Run, loop: Run, size: number): string {
  const figures = [
    `${wallMs.toFixed(0)} ms`.padStart(9),
    `${(wallMs / loop.wallMs).toFixed(2)} × loop`.padStart(13),
    Number.isNaN(cpuMs) ? ''.padStart(13) : `${cpuMs.toFixed(0)} ms CPU`.padStart(13),
    `${(peakBytes / 1e6).toFixed(0)} MB peak`.padStart(14),
    readShare(stdout, size),
  ];
  return figures.join('').trimEnd();
}

/** What `inspect` says it read; nothing for the others. */
function readShare(stdout: string, size: number): string {
  if (!stdout.startsWith('{')) return '';
  const { model } = JSON.parse(stdout) as { model?: { bytesRead: number } };
  if (model === undefined) return '';
  return `  read ${(model.bytesRead / 1024).toFixed(0)} KiB = ${((100 * model.bytesRead) / size).toFixed(3)} %`;
}
