import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineJobs } from '../../../../src/engine/jobs/engineJobs';
import { JobContext } from '../../../../src/engine/jobs/jobContext';
import { pictureOf } from '../../../../src/engine/jobs/statisticsPicture';
import type { PictureCandidate, StatisticsPicture } from '../../../../src/protocol/statistics';
import { projectPath } from '../../../support/root';

const jobs = new EngineJobs('not used here');

async function pictureIn(file: string, id: string): Promise<StatisticsPicture | null> {
  const path = projectPath('test/fixtures', file);
  return jobs.statisticsPicture(
    { path, id, policy: 'bevfusion', eps: [], layout: 'auto', structure: null, statistics: true },
    new JobContext(),
  );
}

/** Largest distance of stored from predicted means, in standard deviations. */
function largestGap(
  { stored, std }: StatisticsPicture,
  { predicted }: Pick<PictureCandidate, 'predicted'>,
): number {
  return Math.max(
    ...stored.map((mean, row) => Math.abs(mean - (predicted[row] ?? NaN)) / (std[row] ?? NaN)),
  );
}

test('the picture of a true pair is a line, and wrong candidates beside it are none', async () => {
  const picture = await pictureIn('statistics/mobile.pth', 'blocks.0.project.conv');
  assert.ok(picture);
  const [found, ...others] = picture.candidates;
  assert.ok(found);
  assert.equal(found.kind, 'found');
  assert.equal(found.fedBy, 'hardswish(blocks.0.depthwise.bn)');
  assert.ok(largestGap(picture, found) < 0.25, `${largestGap(picture, found)}`);
  const wrong = others.filter(({ kind }) => kind === 'convolution');
  assert.ok(wrong.length > 0);
  for (const candidate of wrong) assert.ok(largestGap(picture, candidate) > 0.5, candidate.conv);
});

test('the right convolution is among the candidates of a pair that the statistics contradict', async () => {
  const picture = await pictureIn('statistics/twins.pth', 'left');
  assert.ok(picture);
  const right = picture.candidates.find(({ conv }) => conv === 'right');
  assert.ok(right && (right.fit ?? 0) > 0.95, String(right?.fit));
  assert.ok((picture.candidates[0]?.fit ?? 1) < 0.9);
});

test('pairs of a file that was never trained, and pairs that are none, have no picture', async () => {
  assert.equal(await pictureIn('statistics/untrained.pth', 'a.conv'), null);
  assert.equal(await pictureIn('statistics/twins.pth', 'no such pair'), null);
  assert.equal(await pictureIn('workbench/network.torchmodule', 'stem.0'), null);
});

test('channels whose statistics are no numbers are left out, predictions that are none stay empty', () => {
  const picture = pictureOf('a', {
    bn: 'a_bn',
    channels: Int32Array.of(0, 4, 8, 12),
    stored: Float32Array.of(1, NaN, 3, 4),
    std: Float32Array.of(1, 1, Infinity, 2),
    candidates: [
      {
        kind: 'found',
        conv: 'a',
        fedBy: null,
        fit: NaN,
        predicted: Float32Array.of(NaN, 2, 3, 5),
      },
    ],
  });
  assert.deepEqual(picture.channels, [0, 12]);
  assert.deepEqual(picture.stored, [1, 4]);
  assert.deepEqual(picture.std, [1, 2]);
  const [candidate] = picture.candidates;
  assert.deepEqual([candidate?.fit, candidate?.predicted], [null, [null, 5]]);
});
