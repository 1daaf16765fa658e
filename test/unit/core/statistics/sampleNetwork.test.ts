import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testify } from '../../../../src/core/statistics/testify';
import { projectPath } from '../../../support/root';
import { job, openedFile, pairOf } from './support/torchFile';

test('names both relu and relu6 where linear bottlenecks make the one as common as the other', () => {
  const { model, pairing } = openedFile(projectPath('samples/scenenet.pth'));
  const testimony = testify(model, pairing, job);
  const expand = pairOf(testimony, 'stage1.0.expand.0', 'stage1.0.expand.1').statistics;
  assert.equal(expand?.from, 'stem.1');
  assert.equal(expand.activation, null);
  assert.deepEqual(expand.activations, ['relu', 'relu6']);
  assert.equal(expand.fedBy, 'relu/relu6(stem.1)');
  assert.equal(testimony.summary.activation, null);
});
