// Bundles test/workbench and runs it with the given arguments; test/workbench/run.ts tells which there are.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';

const root = resolve(import.meta.dirname, '..');
const outdir = join(root, 'out/workbench');
rmSync(outdir, { recursive: true, force: true });
const shared = {
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: 'inline',
  packages: 'external',
  // Tests find the project's files from its root, wherever their bundle lies.
  define: { PROJECT_ROOT: JSON.stringify(root) },
  logLevel: 'warning',
};
await build({
  ...shared,
  entryPoints: { run: join(root, 'test/workbench/run.ts') },
  outExtension: { '.js': '.mjs' },
  format: 'esm',
});
const suite = join(root, 'test/workbench/suite');
await build({
  ...shared,
  entryPoints: readdirSync(suite)
    .filter((name) => name === 'index.ts' || name.endsWith('.test.ts'))
    .map((name) => join(suite, name)),
  outdir: join(outdir, 'suite'),
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
});
const run = spawnSync(
  process.execPath,
  ['--enable-source-maps', join(outdir, 'run.mjs'), ...process.argv.slice(2)],
  { stdio: 'inherit', cwd: root },
);
process.exit(run.status ?? 1);
