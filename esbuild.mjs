// Builds everything under dist/. `--watch` rebuilds on change.
import { build, context, transform } from 'esbuild';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

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
/**
 * Every process loads its parts when they are first needed: half of starting is reading code.
 * esbuild splits ES modules only, and Node starts those slowly, so every part is turned into CommonJS afterwards.
 */
const inParts = {
  ...node,
  format: 'esm',
  splitting: true,
  write: false,
  outdir: 'dist',
  chunkNames: 'part-[hash]',
  entryPoints: [
    { in: 'src/cli/cli.ts', out: 'cli' },
    { in: 'src/engine/worker.ts', out: 'engineWorker' },
    { in: 'src/engine/writer/writerWorker.ts', out: 'writerWorker' },
    { in: 'src/server/server.ts', out: 'server' },
    { in: 'src/host/extension.ts', out: 'extension' },
  ],
  external: ['vscode'],
  plugins: [{ name: 'parts', setup: ({ onEnd }) => onEnd(writeAsCommonJs) }],
};
const bundles = [
  inParts,
  {
    ...node,
    entryPoints: ['src/engine/drift/runtime/runtimeChild.ts'],
    outfile: 'dist/driftRuntime.js',
    // The native build is taken where it is installed; WebAssembly comes along.
    external: ['onnxruntime-node'],
  },
  ...['drift', 'overview', 'statistics'].map((name) => ({
    ...page,
    entryPoints: [
      { in: `media/${name}/main.ts`, out: name },
      { in: `media/${name}/${name}.css`, out: name },
    ],
  })),
].filter(({ entryPoints: [entry] }) => existsSync(entry.in ?? entry));

async function writeAsCommonJs({ outputFiles, errors }) {
  if (errors.length > 0) return;
  mkdirSync('dist', { recursive: true });
  const parts = await Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const { code } = await transform(text, {
        format: 'cjs',
        platform: 'node',
        target: 'node20',
        minify: true,
        supported: { 'dynamic-import': false },
      });
      const name = basename(path);
      return { name, code: name === 'cli.js' ? `#!/usr/bin/env node\n${code}` : code };
    }),
  );
  for (const name of readdirSync('dist')) {
    if (/^part-.*\.js$/.test(name)) rmSync(join('dist', name));
  }
  for (const { name, code } of parts) writeFileSync(join('dist', name), code);
}

for (const options of bundles) {
  if (process.argv.includes('--watch')) await (await context(options)).watch();
  else await build(options);
}
// The WebAssembly build of ONNX Runtime looks for these two beside the script that holds it.
for (const name of ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']) {
  copyFileSync(join('node_modules/onnxruntime-web/dist', name), join('dist', name));
}
