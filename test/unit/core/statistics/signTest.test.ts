import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence, Pair } from '../../../../src/core/model/pair';
import { applySignTest } from '../../../../src/core/statistics/signTest';
import { MemoryModelBuilder, pairOf, pairingOf } from './support/memoryModel';

interface Norm {
  readonly name: string;
  readonly mean: readonly number[];
  readonly variance?: readonly number[];
}

function tested(norms: readonly Norm[], evidence: Evidence = 'names'): Pair[] {
  const builder = new MemoryModelBuilder();
  const pairs = norms.map(({ name, mean, variance }) => {
    const conv = builder.conv(
      `${name}.conv`,
      [mean.length, 2, 1, 1],
      new Float32Array(mean.length * 2),
    );
    const bn = builder.batchNorm(name, { mean, variance: variance ?? mean.map((x) => 1 + x * x) });
    return pairOf(conv, bn, evidence);
  });
  return [...applySignTest(builder.build(), pairingOf(pairs)).pairs];
}

const positive = (count: number): number[] => Array.from({ length: count }, (_, idx) => 0.1 + idx);
const mixed = (count: number): number[] =>
  Array.from({ length: count }, (_, idx) => (idx % 2 === 0 ? 1 : -1) * (0.1 + idx));
const verdicts = (pairs: readonly Pair[]): string[] => pairs.map(({ verdict }) => verdict);

test('blocks every pair of a file whose BatchNorms have no negative mean', () => {
  const pairs = tested([
    { name: 'conv1_BN', mean: positive(16) },
    { name: 'conv2_BN', mean: positive(32) },
  ]);
  assert.deepEqual(verdicts(pairs), ['blocked', 'blocked']);
  for (const { reasons, statistics } of pairs) {
    assert.deepEqual(
      reasons.map(({ code }) => code),
      ['ACTIVATION_BETWEEN', 'ALL_MEANS_NON_NEGATIVE'],
    );
    assert.equal(statistics?.says, 'contradicts');
    assert.equal(statistics.negativeMeans, 0);
  }
});

test('accuses no single layer in a file where means have both signs', () => {
  const pairs = tested([
    { name: 'a.bn', mean: mixed(16) },
    { name: 'b.bn', mean: mixed(24) },
    { name: 'last.bn', mean: positive(48) },
  ]);
  assert.deepEqual(verdicts(pairs), ['fusable', 'fusable', 'fusable']);
  assert.equal(pairs[2]?.statistics?.says, 'silent');
});

test('accuses BatchNorms named alike that agree, whatever the rest of the file does', () => {
  const others = ['stem', 'down1', 'down2', 'head', 'last'].map((name) => ({
    name,
    mean: mixed(16),
  }));
  const blocks = [0, 1, 2].map((idx) => ({ name: `blocks.${idx}.bn2`, mean: positive(16) }));
  assert.deepEqual(verdicts(tested([...others, ...blocks])).slice(5), [
    'blocked',
    'blocked',
    'blocked',
  ]);
  assert.deepEqual(verdicts(tested([...others, ...blocks.slice(1)])).slice(5), [
    'fusable',
    'fusable',
  ]);
});

test('judges narrow layers by the habit of the file, and not by themselves', () => {
  const wide = [
    { name: 'a', mean: positive(16) },
    { name: 'b', mean: positive(16) },
  ];
  const narrow = { name: 'c', mean: positive(8) };
  assert.deepEqual(verdicts(tested([...wide, narrow])), ['blocked', 'blocked', 'blocked']);
  assert.deepEqual(verdicts(tested([narrow])), ['fusable']);
});

test('accuses nobody by numbers that were made up: their means and variances have nothing in common', () => {
  const scattered = (count: number): number[] =>
    Array.from({ length: count }, (_, idx) => 0.5 + ((idx * 7919) % 101) / 101);
  const pairs = tested([
    { name: 'a', mean: positive(32), variance: scattered(32) },
    { name: 'b', mean: positive(64), variance: scattered(64) },
  ]);
  assert.deepEqual(verdicts(pairs), ['fusable', 'fusable']);
});

/** Three layers without a negative mean; their log variances take over `share` of the log means. */
function blurred(share: number): Norm[] {
  return [0, 1, 2].map((layer) => {
    const logs = Array.from({ length: 40 }, (_, idx) => ((idx * 7919 + layer * 31) % 101) / 101);
    const others = logs.map((_, idx) => ((idx * 104729 + layer * 53) % 97) / 97);
    return {
      name: ['stem', 'body', 'head'][layer] ?? '',
      mean: logs.map(Math.exp),
      variance: logs.map((log, idx) => Math.exp(share * log + (others[idx] ?? 0))),
    };
  });
}

test('judges a file without one negative mean as a whole, where no layer alone grows clearly', () => {
  assert.deepEqual(verdicts(tested(blurred(0.45))), ['blocked', 'blocked', 'blocked']);
  assert.deepEqual(verdicts(tested(blurred(0))), ['fusable', 'fusable', 'fusable']);
  // Two layers are too few to be a habit.
  assert.deepEqual(verdicts(tested(blurred(0.45).slice(1))), ['fusable', 'fusable']);
  const [stem, ...rest] = blurred(0.45);
  const withNegative = { name: 'stem', mean: [-0.1, ...(stem?.mean ?? []).slice(1)] };
  assert.deepEqual(verdicts(tested([withNegative, ...rest])), ['fusable', 'fusable', 'fusable']);
});

test('asks a BatchNorm without company for 64 channels', () => {
  assert.deepEqual(verdicts(tested([{ name: 'bn', mean: positive(63) }])), ['fusable']);
  assert.deepEqual(verdicts(tested([{ name: 'bn', mean: positive(64) }])), ['blocked']);
});

for (const left of [0, 5.6e-45]) {
  test(`does not count dead channels, whose mean is ${left}`, () => {
    const mean = [...positive(15), left, left, left, left];
    const variance = [...positive(15), left, left, left, left];
    const pairs = tested([
      { name: 'a', mean, variance },
      { name: 'b', mean, variance },
    ]);
    assert.deepEqual(verdicts(pairs), ['fusable', 'fusable']);
  });
}

test('reports the share of negative means', () => {
  const [pair] = tested([{ name: 'bn', mean: [...positive(19), -0.01] }]);
  assert.equal(pair?.statistics?.negativeMeans, 0.05);
});

test('stays silent about BatchNorms that never saw data', () => {
  const fresh = { mean: new Array<number>(64).fill(0), variance: new Array<number>(64).fill(1) };
  const pairs = tested([
    { name: 'a', ...fresh },
    { name: 'b', ...fresh },
  ]);
  assert.deepEqual(verdicts(pairs), ['fusable', 'fusable']);
  assert.equal(pairs[0]?.statistics?.says, 'silent');
});

test('leaves the pairs of a graph alone: edges prove what stands between', () => {
  const [pair] = tested([{ name: 'bn', mean: positive(64) }], 'graph');
  assert.equal(pair?.verdict, 'fusable');
  assert.equal(pair.statistics, null);
});

test('keeps the reasons a pair had, and adds each of its own once', () => {
  const builder = new MemoryModelBuilder();
  const conv = builder.conv('conv', [64, 2, 1, 1], new Float32Array(128));
  const bn = builder.batchNorm('bn', { mean: positive(64), variance: positive(64) });
  const model = builder.build();
  const once = applySignTest(model, pairingOf([pairOf(conv, bn)]));
  const twice = applySignTest(model, once);
  assert.deepEqual(twice, once);
});
