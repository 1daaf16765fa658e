import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { median, runNode, type Run } from './measure';
import { benchModels, type BenchModel } from './models';

/** Times vary by a tenth from run to run; the middle of five does not. */
const RUNS = 5;

interface Contender {
  readonly name: string;
  readonly run: () => Run;
}

const [root = '.', ...flags] = process.argv.slice(2);
const outdir = join(root, 'out/bench');
const folder = process.env['FUSEBN_BENCH_DIR'] ?? join(outdir, 'models');
const output = join(folder, 'output.onnx');
const cli = join(root, 'dist/cli.js');
if (!existsSync(cli)) throw new Error('dist/cli.js is missing: npm run build makes it');

for (const model of benchModels(folder)) compare(model);

/** Runs every contender in turn, so that a busy moment of the machine falls on all of them alike. */
function compare({ title, path }: BenchModel): void {
  const size = statSync(path).size;
  const contenders: readonly Contender[] = [
    { name: 'plain read-write loop', run: () => write('plainLoop.cjs', [path, output]) },
    { name: 'fusebn fuse', run: () => write(cli, ['fuse', path, '-o', output, '--json']) },
    { name: 'fusebn inspect', run: () => runNode(outdir, cli, ['inspect', path, '--json']) },
    ...(flags.includes('--quick')
      ? []
      : [{ name: 'ONNX Runtime, offline', run: () => write('onnxRuntime.cjs', [path, output]) }]),
  ];
  const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= RUNS; round++) {
    for (const { name, run } of contenders) {
      // The first round only warms the file cache. One run of the slow one is enough.
      const isEnough = name.startsWith('ONNX') && round > 1;
      const measured = isEnough ? null : run();
      if (measured !== null && round > 0) runs.get(name)?.push(measured);
    }
  }
  const loop = median(runs.get('plain read-write loop') ?? []);
  console.log(`\n${title} (${(size / 1e6).toFixed(0)} MB)`);
  for (const [name, measured] of runs) {
    const { wallMs, cpuMs, peakBytes, stdout } = median(measured);
    const figures = [
      `${wallMs.toFixed(0)} ms`.padStart(9),
      `${(wallMs / loop.wallMs).toFixed(2)} × loop`.padStart(13),
      `${cpuMs.toFixed(0)} ms CPU`.padStart(13),
      `${(peakBytes / 1e6).toFixed(0)} MB peak`.padStart(13),
      name.endsWith('inspect') ? readShare(stdout, size) : '',
    ];
    console.log(`  ${name.padEnd(24)}${figures.join('')}`);
  }
}

/** Runs something that writes `output` anew each time. Relative scripts are our own children. */
function write(script: string, args: readonly string[]): Run {
  rmSync(output, { force: true });
  try {
    return runNode(outdir, script === cli ? cli : join(outdir, script), args);
  } finally {
    rmSync(output, { force: true });
  }
}

function readShare(stdout: string, size: number): string {
  const report = JSON.parse(stdout) as { model: { bytesRead: number } };
  const { bytesRead } = report.model;
  return `  read ${(bytesRead / 1024).toFixed(0)} KiB = ${((100 * bytesRead) / size).toFixed(3)} %`;
}
