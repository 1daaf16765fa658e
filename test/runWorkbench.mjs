// Bundles test/workbench and runs it: `test` (default), `desktop`, `open [FOLDER]`, `picture` …
import { build } from 'esbuild';
import { join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';

const root = resolve(import.meta.dirname, '..');
const outdir = join(root, 'out/workbench');
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
// The suite runs inside VS Code, far from our node_modules: it brings what it needs.
await build({
  ...shared,
  entryPoints: { suite: join(root, 'test/workbench/suite/index.ts') },
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  packages: 'bundle',
  external: ['vscode'],
});
const run = spawnSync(
  process.execPath,
  ['--enable-source-maps', join(outdir, 'run.mjs'), ...process.argv.slice(2)],
  { stdio: 'inherit', cwd: root },
);
process.exit(run.status ?? 1);
