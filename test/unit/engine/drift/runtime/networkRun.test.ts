import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkTaps, outputNames } from '../../../../../src/engine/drift/networkTaps';
import { runNetworks } from '../../../../../src/engine/drift/runtime/networkRun';
import type {
  RunnableModel,
  RunParams,
  RunResult,
  TapResult,
} from '../../../../../src/engine/drift/runtime/runtimeProtocol';
import { JobContext } from '../../../../../src/engine/jobs/jobContext';
import { pairModel } from '../../../../../src/engine/jobs/pairModel';
import { ModelCache } from '../../../../../src/engine/modelCache';
import { projectPath } from '../../../../support/root';

const cache = new ModelCache();

async function runWith(
  batchBytes: number,
): Promise<{ readonly result: RunResult; readonly taps: readonly TapResult[] }> {
  const open = async (name: string) => {
    const path = projectPath('test/fixtures/drift', name);
    const { model } = await cache.open(path);
    const runnable: RunnableModel = {
      path,
      externalData: [],
      outputs: outputNames(model.network),
    };
    return { model, runnable };
  };
  const reference = await open('net.onnx');
  const candidate = await open('wrong_eps.onnx');
  const pairing = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
  const { pairs } = await pairModel(
    reference.model,
    { ...pairing, statistics: false },
    new JobContext(),
  );
  // The fused fixture keeps the convolutions' names.
  const tapped = pairs.map(
    (pair) =>
      ({
        pair,
        dtype: 'f32',
        counterpart: { result: pair.conv.name, channelBlock: null },
      }) as const,
  );
  const params: RunParams = {
    runtime: 'auto',
    reference: reference.runnable,
    candidate: candidate.runnable,
    taps: networkTaps(reference.model.network, candidate.model.network, tapped),
    inputs: [],
    axes: [],
    samples: 2,
    seed: 3,
    batchBytes,
  };
  const taps: TapResult[] = [];
  const result = await runNetworks(params, (tap) => taps.push(tap));
  return { result, taps };
}

test('taps that do not fit into memory at once are taken in batches, with the same figures', async () => {
  const whole = await runWith(2 ** 30);
  const cut = await runWith(1);
  assert.equal(whole.result.batches, 1);
  assert.equal(cut.result.batches, whole.taps.length);
  assert.deepEqual(cut.taps, whole.taps);
  assert.deepEqual(cut.result.outputs, whole.result.outputs);
  assert.equal(whole.taps.length, 5);
});
