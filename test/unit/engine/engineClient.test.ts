import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { EngineClient } from '../../../src/engine/engineClient';
import { EngineError } from '../../../src/engine/engineError';
import type { InspectParams, JobProgress } from '../../../src/protocol/engine';
import { bundledScript } from '../../support/bundledEngine';
import { temporaryFolder } from '../../support/temporaryFolder';

test('answers a request and tells how far it is', async (t) => {
  const { client } = startFake(t);
  const heard: JobProgress[] = [];
  const onProgress = (progress: JobProgress): void => void heard.push(progress);
  const report = await client.inspect(paramsFor('model.onnx'), { onProgress });
  assert.equal(report.model.path, 'model.onnx');
  assert.deepEqual(heard, [{ stage: 'read', done: 0, total: 1 }]);
});

test('cancels a job that is busy in synchronous code', { timeout: 10_000 }, async (t) => {
  const { client } = startFake(t);
  const source = new CancellationTokenSource();
  const onProgress = (): void => {
    source.cancel();
  };
  const job = client.inspect(paramsFor('busy'), { token: source.token, onProgress });
  await assert.rejects(job, (error) => hasCode(error, 'CANCELLED'));
});

test('cancels a job that still waits behind another one', { timeout: 10_000 }, async (t) => {
  const { client } = startFake(t);
  const first = new CancellationTokenSource();
  const second = new CancellationTokenSource();
  const busy = client.inspect(paramsFor('busy'), { token: first.token });
  const waiting = client.inspect(paramsFor('model.onnx'), { token: second.token });
  second.cancel();
  first.cancel();
  await assert.rejects(busy, (error) => hasCode(error, 'CANCELLED'));
  await assert.rejects(waiting, (error) => hasCode(error, 'CANCELLED'));
});

test(
  'fails what is pending when the worker dies, and starts again',
  { timeout: 10_000 },
  async (t) => {
    const { client, troubles } = startFake(t);
    const pending = [client.inspect(paramsFor('die')), client.inspect(paramsFor('model.onnx'))];
    for (const job of await Promise.allSettled(pending)) {
      assert.equal(job.status, 'rejected');
      assert.ok(hasCode(job.reason, 'ENGINE_DIED'));
      assert.match(String(job.reason), /stopped \(exit code 7\)/);
    }
    assert.equal(troubles.length, 1);
    const report = await client.inspect(paramsFor('model.onnx'));
    assert.equal(report.model.path, 'model.onnx');
  },
);

test('can be asked again at once by whoever hears of the death', { timeout: 10_000 }, async (t) => {
  const { client } = startFake(t);
  const path = `die-once:${join(temporaryFolder(t), 'died')}`;
  const report = await client.inspect(paramsFor(path)).catch(() => client.inspect(paramsFor(path)));
  assert.equal(report.model.path, path);
});

test('passes on what is wrong with a file, with its code', async (t) => {
  const { client, troubles } = startFake(t);
  await assert.rejects(client.inspect(paramsFor('damaged')), (error) => {
    assert.ok(hasCode(error, 'MODEL_FORMAT'));
    assert.match(String(error), /the file is damaged \(at byte 12\)/);
    return true;
  });
  assert.deepEqual(troubles, []);
});

test('reports a mistake of ours as internal, and its stack to the log', async (t) => {
  const { client, troubles } = startFake(t);
  await assert.rejects(client.inspect(paramsFor('throw')), (error) => hasCode(error, 'INTERNAL'));
  assert.match(troubles.join(), /TypeError: a mistake of ours[^]*at /);
});

test('fails everything once it is disposed', { timeout: 10_000 }, async (t) => {
  const { client } = startFake(t);
  const pending = client.inspect(paramsFor('busy'));
  client.dispose();
  await assert.rejects(pending, (error) => hasCode(error, 'ENGINE_DISPOSED'));
  await assert.rejects(client.inspect(paramsFor('x')), (error) =>
    hasCode(error, 'ENGINE_DISPOSED'),
  );
});

test('says so when the worker cannot start', { timeout: 10_000 }, async (t) => {
  const client = new EngineClient({ workerScript: join(temporaryFolder(t), 'missing.js') });
  await assert.rejects(client.inspect(paramsFor('x')), (error) => hasCode(error, 'ENGINE_DIED'));
});

function startFake(t: TestContext): { client: EngineClient; troubles: string[] } {
  const troubles: string[] = [];
  const client = new EngineClient({
    workerScript: bundledScript('fakeEngine'),
    onTrouble: (message) => troubles.push(message),
  });
  t.after(() => {
    client.dispose();
  });
  return { client, troubles };
}

function paramsFor(path: string): InspectParams {
  return { path, policy: 'all', eps: [], layout: 'auto', structure: null, statistics: false };
}

function hasCode(error: unknown, code: string): boolean {
  assert.ok(error instanceof EngineError, String(error));
  assert.equal(error.code, code);
  return true;
}
