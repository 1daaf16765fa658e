import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineJobs } from '../../../../src/engine/jobs/engineJobs';
import { JobContext } from '../../../../src/engine/jobs/jobContext';
import { projectPath } from '../../../support/root';

const jobs = new EngineJobs('not used here');

async function fusedText(only: readonly string[] | null): Promise<string> {
  const listing = await jobs.structure(
    {
      path: projectPath('test/fixtures/workbench/mixed.onnx'),
      policy: 'bevfusion',
      eps: [],
      layout: 'auto',
      structure: null,
      statistics: false,
      variant: 'fused',
      only,
    },
    new JobContext(),
  );
  return listing.text;
}

test('the listing after fusing shows every fusable pair folded', async () => {
  const text = await fusedText(null);
  assert.doesNotMatch(text, /\["stem\/bn"\]|\["block\/bn1"\]/);
  assert.match(text, /\["head\/bn"\]/);
});

test('the listing after fusing some pairs keeps the BatchNorms of the others', async () => {
  const text = await fusedText(['stem/conv', 'head/up']);
  assert.doesNotMatch(text, /\["stem\/bn"\]|\["head\/bn"\]/);
  assert.match(text, /\["block\/bn1"\]/);
});

test('a pair that folding would break stays, whoever names it', async () => {
  assert.match(await fusedText(['block/conv2']), /\["block\/bn2"\]/);
});
