import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeFromStatisticsView,
  decodeKeptStatistics,
} from '../../../src/protocol/decodeStatisticsView';

describe('messages of the statistics page', () => {
  it('are taken as they are', () => {
    const messages = [
      { type: 'ready' },
      { type: 'test' },
      { type: 'stop' },
      { type: 'picture', id: 'stem' },
      { type: 'reveal', id: 'stem' },
    ];
    for (const message of messages) assert.equal(decodeFromStatisticsView(message), message);
  });

  it('are refused when anything is missing or of another kind', () => {
    const strangers: unknown[] = [
      null,
      'ready',
      [],
      {},
      { type: 'eval' },
      { type: 'picture' },
      { type: 'picture', id: 7 },
      { type: 'reveal', id: null },
    ];
    for (const stranger of strangers) assert.equal(decodeFromStatisticsView(stranger), null);
  });
});

describe('what a statistics page keeps', () => {
  it('comes back with the model and the pair', () => {
    const kept = { path: '/models/net.pth', id: 'stem', view: { candidate: 2 } };
    assert.deepEqual(decodeKeptStatistics(kept), kept);
  });

  it('is refused when another version kept it', () => {
    const strangers = [undefined, null, 'x', {}, { path: '/models/net.pth' }, { path: 1, id: 'a' }];
    for (const stranger of strangers) assert.equal(decodeKeptStatistics(stranger), null);
  });
});
