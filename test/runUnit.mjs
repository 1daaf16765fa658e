// Bundles every test/unit/**/*.test.ts (or those whose path contains an argument) and runs them with node --test.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';

const root = resolve(import.meta.dirname, '..');
const wanted = process.argv.slice(2);
const entries = readdirSync(join(root, 'test/unit'), { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.test.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .map((name) => join(root, 'test/unit', name));
if (entries.length === 0) throw new Error(`No test matches ${wanted.join(', ')}`);

const outdir = join(root, 'out/unit', wanted.length === 0 ? 'all' : String(process.pid));
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: entries,
  outdir,
  outbase: join(root, 'test/unit'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  packages: 'external',
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  // Tests find fixtures from the project's root, wherever their bundle lies.
  define: { PROJECT_ROOT: JSON.stringify(root) },
  logLevel: 'warning',
});
const files = entries.map((entry) =>
  join(outdir, relative(join(root, 'test/unit'), entry)).replace(/\.ts$/, '.mjs'),
);
const run = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', '--test-concurrency=2', ...files],
  { stdio: 'inherit', cwd: root },
);
process.exit(run.status ?? 1);
