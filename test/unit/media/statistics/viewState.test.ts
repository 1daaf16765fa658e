import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialView, keptViewOf, viewOfOther } from '../../../../media/statistics/viewState';

const shown = { path: '/models/net.pth', id: 'stem' };
const view = {
  candidate: 3,
  unit: 'means',
  sort: { column: 'deviations', isDescending: true },
  channel: 17,
} as const;

test('the view of the same pair comes back as it was kept', () => {
  assert.deepEqual(keptViewOf(JSON.parse(JSON.stringify({ ...shown, view })), shown), view);
});

test('another pair, another model, or what another version kept is looked at anew', () => {
  const strangers: unknown[] = [
    undefined,
    null,
    { ...shown, view: null },
    { ...shown, id: 'head', view },
    { ...shown, path: '/models/other.pth', view },
    { ...shown, view: { ...view, unit: 'furlongs' } },
    { ...shown, view: { ...view, sort: { column: 3 } } },
    { ...shown, view: { ...view, candidate: 'first' } },
  ];
  for (const stranger of strangers) assert.equal(keptViewOf(stranger, shown), initialView);
});

test('going to another pair keeps unit and order, and begins with its first candidate', () => {
  assert.deepEqual(viewOfOther(view), { ...view, candidate: 0, channel: null });
});
