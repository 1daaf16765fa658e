import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  concatenationOf,
  interleavingOf,
  mirrored,
  padded,
  shufflesOf,
  sumOf,
} from '../../../../../src/core/statistics/feeds/composites';
import { activated, feedText, type Feed } from '../../../../../src/core/statistics/feeds/feed';
import { identity, rectifier } from '../../../../../src/core/statistics/mathematics/activations';

const relu = rectifier('relu', 0);

function feed(name: string, mean: readonly number[], std: readonly number[], order = 0): Feed {
  return {
    key: name,
    origin: { kind: 'norm', name, eps: 1e-5 },
    activation: 'none',
    via: null,
    mean: Float64Array.from(mean),
    std: () => Float64Array.from(std),
    order,
  };
}

const a = feed('a', [1, 2], [3, 0], 4);
const b = feed('b', [10, 20], [4, 1], 7);

test('adds means, and spreads as those of independent values', () => {
  const sum = sumOf(a, b, identity).make();
  assert.deepEqual(Array.from(sum.mean), [11, 22]);
  assert.deepEqual(Array.from(sum.std()), [5, 1]);
  assert.equal(sum.order, 7);
  assert.equal(feedText(sum), 'a + b');
});

test('applies the activation to the sum, not to its parts', () => {
  const sum = sumOf(a, feed('c', [-1, -9], [0, 0]), relu).make();
  assert.ok(Math.abs(sum.mean[1] ?? NaN) === 0);
  assert.equal(feedText(sum), 'relu(a + c)');
});

test('puts feeds side by side', () => {
  const joined = concatenationOf([b, activated(a, relu)]).make();
  assert.deepEqual(Array.from(joined.mean).slice(0, 2), [10, 20]);
  assert.equal(joined.mean[3], 2);
  assert.equal(feedText(joined), '[b, relu(a)]');
});

test('takes channels by turns for a whole shuffled value', () => {
  assert.deepEqual(Array.from(interleavingOf(a, b).make().mean), [1, 10, 2, 20]);
});

test('splits a shuffled value both ways ShuffleNet’s code does, each half knowing the other', () => {
  const halves = shufflesOf(a, b).map((recipe) => recipe.make());
  assert.deepEqual(
    halves.map(({ mean }) => Array.from(mean)),
    [
      [1, 10],
      [2, 20],
      [1, 10],
      [2, 20],
    ],
  );
  const wide = [
    feed('c', [0, 1, 2, 3], [0, 0, 0, 0]),
    feed('d', [4, 5, 6, 7], [0, 0, 0, 0]),
  ] as const;
  assert.deepEqual(
    shufflesOf(...wide).map((recipe) => Array.from(recipe.make().mean)),
    [
      [0, 4, 1, 5],
      [2, 6, 3, 7],
      [0, 2, 4, 6],
      [1, 3, 5, 7],
    ],
  );
  for (const recipe of shufflesOf(...wide)) {
    const taken = recipe.make();
    const rest = taken.otherHalf?.();
    const all = [...taken.mean, ...(rest?.mean ?? [])].toSorted((x, y) => x - y);
    assert.deepEqual(all, [0, 1, 2, 3, 4, 5, 6, 7]);
  }
});

test('mirrors a feed before the activation', () => {
  const both = mirrored(feed('a', [2], [0]), relu);
  assert.deepEqual(Array.from(both.mean, Math.abs), [2, 0]);
  assert.equal(feedText(both), 'crelu(a)');
});

test('widens a shortcut by zeros behind, around or before it', () => {
  assert.deepEqual(
    padded(a, 4).map(({ mean }) => Array.from(mean)),
    [
      [1, 2, 0, 0],
      [0, 1, 2, 0],
      [0, 0, 1, 2],
    ],
  );
});

test('shortens the text of a sum that nests as deep as the network', () => {
  let sum = a;
  for (let depth = 0; depth < 6; depth++) sum = sumOf(sum, b, relu).make();
  assert.equal(feedText(sum), 'relu(relu(relu(…) + b) + b)');
});

test('gives recipes keys that tell them apart without making them', () => {
  const keys = [
    sumOf(a, b, identity),
    sumOf(a, b, relu),
    sumOf(activated(a, relu), b, identity),
    concatenationOf([a, b]),
    concatenationOf([b, a]),
    interleavingOf(a, b),
    ...shufflesOf(a, b),
  ].map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(sumOf(a, b, relu).make().key, sumOf(a, b, relu).key);
});
