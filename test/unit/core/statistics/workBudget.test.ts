import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkBudget } from '../../../../src/core/statistics/workBudget';

test('lets one piece of work take more than its share, and leaves something for every other', () => {
  const work = new WorkBudget(1000);
  const taken = Array.from({ length: 100 }, (_, idx) => {
    work.share(100 - idx);
    let spent = 0;
    for (; !work.isSpent; spent++) work.spend(1);
    return spent;
  });
  assert.ok((taken[0] ?? 0) > 10, 'more than a hundredth');
  assert.ok(taken.slice(0, 30).every((spent) => spent > 0));
  assert.equal(
    taken.reduce((sum, spent) => sum + spent, 0),
    1000,
  );
});

test('asks for a pause once for each stretch of work', () => {
  const work = new WorkBudget(1e12);
  let pauses = 0;
  for (let step = 0; step < 1000; step++) {
    work.spend(1e6);
    if (work.isPauseDue()) pauses++;
    assert.equal(work.isPauseDue(), false);
  }
  assert.ok(pauses >= 10 && pauses <= 100, String(pauses));
});
