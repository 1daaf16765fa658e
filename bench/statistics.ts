import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeCheckpoint } from './checkpoint';
import { writeConsistentResNet } from './consistentResNet';
import { median, runNode, type Run } from './measure';

/** Times vary by a tenth from run to run; the middle of three does not by much. */
const RUNS = 3;

const [root = '.', ...flags] = process.argv.slice(2);
const outdir = join(root, 'out/bench');
const folder = process.env['FUSEBN_BENCH_DIR'] ?? join(outdir, 'models');
const cli = join(root, 'dist/cli.js');
if (!existsSync(cli)) throw new Error('dist/cli.js is missing: npm run build makes it');

const networks = [
  {
    title: 'like ResNet-50, statistics that belong to the weights',
    name: 'consistent-100mb.pth',
    make: (path: string) => {
      writeConsistentResNet(path, 1);
    },
  },
  {
    title: 'the same three times as wide',
    name: 'consistent-1gb.pth',
    make: (path: string) => {
      writeConsistentResNet(path, 3.25);
    },
  },
  {
    title: '53 wide convolutions, statistics that say nothing',
    name: 'wide-2gb.pth',
    make: (path: string) => {
      writeCheckpoint(path, 53);
    },
  },
];

console.log(
  '\nStatistics: inspect --statistics as a whole process, beside a loop that only reads the file.',
);
mkdirSync(folder, { recursive: true });
for (const { title, name, make } of flags.includes('--quick') ? networks.slice(0, 1) : networks) {
  const path = join(folder, name);
  if (!existsSync(path)) make(path);
  compare(title, path);
}

/** Both in turn, so that a busy moment of the machine falls on both alike. */
function compare(title: string, path: string): void {
  const reading: Run[] = [];
  const testing: Run[] = [];
  // The first round only warms the file cache.
  for (let round = 0; round <= RUNS; round++) {
    const loop = runNode(outdir, join(outdir, 'readLoop.cjs'), [path]);
    const test = runNode(outdir, cli, ['inspect', '--statistics', '--json', path]);
    if (round === 0) continue;
    reading.push(loop);
    testing.push(test);
  }
  const [loop, test] = [median(reading), median(testing)];
  const { statistics } = JSON.parse(test.stdout) as { statistics: { sentence: string } };
  console.log(`\n${title} (${(statSync(path).size / 1e6).toFixed(0)} MB): ${statistics.sentence}`);
  const row = (name: string, { wallMs, cpuMs, peakBytes }: Run): void => {
    const figures = [
      `${(wallMs / 1000).toFixed(2)} s`.padStart(9),
      `${(wallMs / loop.wallMs).toFixed(1)} × loop`.padStart(14),
      `${(cpuMs / 1000).toFixed(2)} s CPU`.padStart(13),
      `${(peakBytes / 1e6).toFixed(0)} MB peak`.padStart(14),
    ];
    console.log(`  ${name.padEnd(30)}${figures.join('')}`);
  };
  row('plain read loop', loop);
  row('fusebn inspect --statistics', test);
}
