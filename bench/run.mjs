// Bundles the benchmarks and runs them. `npm run bench -- drift` runs those of drift, `-- statistics` those of the
// statistical test, `-- files` the others; further arguments go through: `npm run bench -- files --quick`.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const outdir = join(root, 'out/bench');
await build({
  entryPoints: [
    'bench.ts',
    'drift.ts',
    'statistics.ts',
    'falseConfirms.ts',
    'randomStatistics.ts',
    'children/plainLoop.ts',
    'children/readLoop.ts',
    'children/onnxRuntime.ts',
    'children/plainInference.ts',
    'children/reportUsage.ts',
  ].map((name) => join(import.meta.dirname, name)),
  outdir,
  entryNames: '[name]',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
  define: { PROJECT_ROOT: JSON.stringify(root) },
});
const [which, ...rest] = process.argv.slice(2);
const scripts = { files: 'bench.cjs', drift: 'drift.cjs', statistics: 'statistics.cjs' };
// Errors of the statistical test, not its speed, so only when asked: `npm run bench -- false-confirms CHECKPOINT…`.
const onDemand = {
  'false-confirms': 'falseConfirms.cjs',
  'random-statistics': 'randomStatistics.cjs',
};
const wanted = { ...scripts, ...onDemand }[which];
const chosen = wanted ? [wanted] : Object.values(scripts);
const args = wanted ? rest : process.argv.slice(2);
for (const script of chosen) {
  const { status } = spawnSync(process.execPath, [join(outdir, script), root, ...args], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
