import { readFileSync } from 'node:fs';
import { loadRuntime } from '../../src/engine/drift/runtime/loadRuntime';
import type { RuntimeChoice } from '../../src/protocol/drift';

/** The yardstick of drift: each network is opened and run once on one input, and nothing is compared. */
async function infer(runtime: RuntimeChoice, paths: readonly string[]): Promise<void> {
  const { ort } = loadRuntime(runtime);
  for (const path of paths) {
    const session = await ort.InferenceSession.create(readFileSync(path), {
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 3,
    });
    const [input] = session.inputMetadata;
    if (input?.isTensor !== true) throw new Error(`${path} has no input`);
    const shape = input.shape.map(Number);
    const count = shape.reduce((product, size) => product * size, 1);
    const values = Float32Array.from({ length: count }, (_, idx) => Math.sin(idx));
    await session.run({ [input.name]: new ort.Tensor('float32', values, shape) });
    await session.release();
  }
}

const [runtime = 'auto', ...paths] = process.argv.slice(2);
void infer(runtime as RuntimeChoice, paths);
