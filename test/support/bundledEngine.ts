import { buildSync } from 'esbuild';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectPath } from './root';

/** Entries that run in a thread or process of their own, by the name their bundle has under dist/. */
const entries = {
  cli: 'src/cli/cli.ts',
  engineWorker: 'src/engine/worker.ts',
  writerWorker: 'src/engine/writer/writerWorker.ts',
  driftRuntime: 'src/engine/drift/runtime/runtimeChild.ts',
  copyFile: 'test/support/copyFile.ts',
  fakeEngine: 'test/support/fakeEngine.ts',
};

let folder: string | null = null;

/** Path of a bundle made from the sources as they are now, beside its siblings as in dist/. Made once a process. */
export function bundledScript(name: keyof typeof entries): string {
  folder ??= bundleAll();
  return join(folder, `${name}.js`);
}

function bundleAll(): string {
  const outdir = projectPath('out/unit', `bundles-${process.pid}`);
  buildSync({
    entryPoints: Object.entries(entries).map(([out, entry]) => ({ out, in: projectPath(entry) })),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Loaded where it is, with the binary beside it.
    external: ['onnxruntime-node', 'onnxruntime-web'],
    logLevel: 'error',
  });
  process.once('exit', () => {
    rmSync(outdir, { recursive: true, force: true });
  });
  return outdir;
}
