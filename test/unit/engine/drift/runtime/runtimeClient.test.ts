import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { CancellationError } from '../../../../../src/core/errors';
import { runInChild } from '../../../../../src/engine/drift/runtime/runtimeClient';
import { RuntimeFailure } from '../../../../../src/engine/drift/runtime/runtimeError';
import type { RunParams } from '../../../../../src/engine/drift/runtime/runtimeProtocol';
import { JobContext } from '../../../../../src/engine/jobs/jobContext';
import { temporaryFolder } from '../../../../support/temporaryFolder';

const side = { path: 'net.onnx', externalData: [], outputs: [] };
const params: RunParams = {
  runtime: 'auto',
  reference: side,
  candidate: side,
  taps: [],
  inputs: [],
  axes: [],
  samples: 1,
  seed: 0,
  batchBytes: 1,
};

/** Runs `source` where the runtime should be. */
function runInstead(test: TestContext, source: string, context = new JobContext()) {
  const script = join(temporaryFolder(test), 'runtime.cjs');
  writeFileSync(script, source);
  return runInChild(script, params, context, () => undefined);
}

function failure(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof RuntimeFailure && message.test(error.message);
}

describe('a runtime that ends', () => {
  it('by a signal gives one sentence with the signal', async (test) => {
    const crash = runInstead(test, "process.kill(process.pid, 'SIGSEGV')");
    await assert.rejects(crash, failure(/^ONNX Runtime crashed on this network \(SIGSEGV\)$/));
  });

  it('by itself gives one sentence with its last words', async (test) => {
    const source = "console.error('first\\nout of memory'); process.exitCode = 3;";
    const sentence = /^ONNX Runtime crashed on this network \(exit code 3\): out of memory$/;
    await assert.rejects(runInstead(test, source), failure(sentence));
  });

  it('because the user cancelled is no crash', async (test) => {
    const flag = { isCancellationRequested: true };
    const crash = runInstead(test, "process.kill(process.pid, 'SIGINT')", new JobContext(flag));
    await assert.rejects(crash, CancellationError);
  });
});

describe('a runtime that computes for long', () => {
  it('is ended at once when the user cancels', { timeout: 20_000 }, async (test) => {
    const flag = { isCancellationRequested: false };
    const run = runInstead(test, 'for (;;);', new JobContext(flag));
    setTimeout(() => (flag.isCancellationRequested = true), 50);
    await assert.rejects(run, CancellationError);
  });
});
