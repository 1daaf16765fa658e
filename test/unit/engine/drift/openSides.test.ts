import assert from 'node:assert/strict';
import { copyFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LastSides } from '../../../../src/engine/drift/openSides';
import { JobContext } from '../../../../src/engine/jobs/jobContext';
import { ModelCache } from '../../../../src/engine/modelCache';
import type { DriftParams } from '../../../../src/protocol/drift';
import { projectPath } from '../../../support/root';
import { temporaryFolder } from '../../../support/temporaryFolder';

const fixture = (name: string): string => projectPath('test/fixtures/drift', name);

function params(path: string, fused: string | null): DriftParams {
  return {
    path,
    fused,
    policy: 'all',
    eps: [],
    layout: 'auto',
    structure: null,
    statistics: false,
    inputs: [],
    axes: [],
    samples: 1,
    seed: 0,
    accumulated: false,
    runtime: 'auto',
  };
}

test('a second look at the same comparison matches nothing again', async () => {
  const sides = new LastSides(new ModelCache());
  const job = params(fixture('net.onnx'), fixture('by_onnxsim.onnx'));
  const first = await sides.open(job, new JobContext());
  assert.equal(await sides.open({ ...job, seed: 7 }, new JobContext()), first);
  assert.notEqual(await sides.open({ ...job, policy: 'bevfusion' }, new JobContext()), first);
  assert.notEqual(await sides.open({ ...job, fused: null }, new JobContext()), first);
});

test('a file that has changed is looked at anew', async (context) => {
  const fused = join(temporaryFolder(context), 'fused.onnx');
  copyFileSync(fixture('right.onnx'), fused);
  const sides = new LastSides(new ModelCache());
  const job = params(fixture('net.onnx'), fused);
  const first = await sides.open(job, new JobContext());
  copyFileSync(fixture('wrong_eps.onnx'), fused);
  utimesSync(fused, 1, 1);
  assert.notEqual(await sides.open(job, new JobContext()), first);
});
