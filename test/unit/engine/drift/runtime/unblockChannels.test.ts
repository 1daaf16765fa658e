import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unblockChannels } from '../../../../../src/engine/drift/runtime/unblockChannels';

test('channels that lie in blocks come into their usual order, what fills the last block up left out', () => {
  // Two samples of three channels with two places each, in blocks of two.
  const value = (sample: number, channel: number, place: number): number =>
    100 * sample + 10 * channel + place;
  const blocked = [0, 1].flatMap((sample) =>
    [0, 1].flatMap((block) =>
      [0, 1].flatMap((place) => [0, 1].map((inBlock) => value(sample, 2 * block + inBlock, place))),
    ),
  );
  const usual = [0, 1].flatMap((sample) =>
    [0, 1, 2].flatMap((channel) => [0, 1].map((place) => value(sample, channel, place))),
  );
  assert.deepEqual([...unblockChannels(blocked, [2, 3, 2], 2)], usual);
});
