// Bundles the benchmarks and runs them. Arguments go through: `npm run bench -- --quick`.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const outdir = join(root, 'out/bench');
await build({
  entryPoints: [
    'bench.ts',
    'children/plainLoop.ts',
    'children/onnxRuntime.ts',
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
});
const { status } = spawnSync(
  process.execPath,
  [join(outdir, 'bench.cjs'), root, ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
