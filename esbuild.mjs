// Builds everything under dist/. `--watch` rebuilds on change.
import { build, context } from 'esbuild';
import { existsSync } from 'node:fs';

const node = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  logLevel: 'info',
};
/** Pages of webviews: a script and a style sheet each. */
const page = {
  bundle: true,
  platform: 'browser',
  target: 'chrome132',
  format: 'iife',
  minify: true,
  logLevel: 'info',
  outdir: 'dist/media',
};
const bundles = [
  {
    ...node,
    entryPoints: ['src/cli/cli.ts'],
    outfile: 'dist/cli.js',
    banner: { js: '#!/usr/bin/env node' },
  },
  { ...node, entryPoints: ['src/engine/worker.ts'], outfile: 'dist/engineWorker.js' },
  { ...node, entryPoints: ['src/engine/writer/writerWorker.ts'], outfile: 'dist/writerWorker.js' },
  {
    ...node,
    entryPoints: ['src/engine/drift/runtime/runtimeChild.ts'],
    outfile: 'dist/driftRuntime.js',
    external: ['onnxruntime-node', 'onnxruntime-web'],
  },
  { ...node, entryPoints: ['src/server/server.ts'], outfile: 'dist/server.js' },
  {
    ...node,
    entryPoints: ['src/host/extension.ts'],
    outfile: 'dist/extension.js',
    external: ['vscode'],
  },
  { ...page, entryPoints: [{ in: 'media/drift/main.ts', out: 'drift' }] },
  { ...page, entryPoints: [{ in: 'media/drift/drift.css', out: 'drift' }] },
].filter(({ entryPoints: [entry] }) => existsSync(entry.in ?? entry));

for (const options of bundles) {
  if (process.argv.includes('--watch')) await (await context(options)).watch();
  else await build(options);
}
