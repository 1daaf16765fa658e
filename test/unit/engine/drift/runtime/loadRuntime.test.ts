import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInChild } from '../../../../../src/engine/drift/runtime/runtimeClient';
import type { RunParams } from '../../../../../src/engine/drift/runtime/runtimeProtocol';
import { JobContext } from '../../../../../src/engine/jobs/jobContext';
import type { RuntimeChoice } from '../../../../../src/protocol/drift';
import { projectPath } from '../../../../support/root';
import { temporaryFolder } from '../../../../support/temporaryFolder';

/** The runtime as the extension ships it, in a folder from which no package can be found. */
async function shippedRuntime(folder: string): Promise<string> {
  const outfile = join(folder, 'driftRuntime.js');
  await build({
    entryPoints: [projectPath('src/engine/drift/runtime/runtimeChild.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['onnxruntime-node'],
    logLevel: 'error',
  });
  for (const name of ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']) {
    copyFileSync(projectPath('node_modules/onnxruntime-web/dist', name), join(folder, name));
  }
  return outfile;
}

function params(runtime: RuntimeChoice): RunParams {
  const model = (name: string) => ({
    path: projectPath('test/fixtures/drift', name),
    externalData: [],
    outputs: ['y'],
  });
  return {
    runtime,
    reference: model('net.onnx'),
    candidate: model('right.onnx'),
    taps: [],
    inputs: [],
    axes: [],
    samples: 1,
    seed: 0,
    batchBytes: 2 ** 28,
  };
}

test('where the native build is not installed, WebAssembly runs from the files that are shipped', async (context) => {
  const script = await shippedRuntime(temporaryFolder(context));
  const run = (runtime: RuntimeChoice) =>
    runInChild(script, params(runtime), new JobContext(), () => undefined);
  const { runtime, outputs } = await run('auto');
  assert.match(runtime, /^onnxruntime-web [\d.]+ \(WebAssembly: the native binary is not there\)$/);
  const [output] = outputs;
  const decibels = output?.metrics.sqnrDb;
  assert.ok(typeof decibels === 'number' && decibels > 100, String(decibels));
  await assert.rejects(run('native'), /The native ONNX Runtime cannot be loaded here/);
});
