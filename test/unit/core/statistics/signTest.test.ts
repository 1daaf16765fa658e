import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence, Pair } from '../../../../src/core/model/pair';
import { applySignTest } from '../../../../src/core/statistics/signTest';
import { MemoryModelBuilder, pairOf, pairingOf } from './support/memoryModel';

function tested(
  mean: number[],
  options: { variance?: number[]; evidence?: Evidence; depthwise?: boolean } = {},
): Pair {
  const builder = new MemoryModelBuilder();
  const channels = mean.length;
  const conv = options.depthwise
    ? builder.conv(
        'conv',
        [channels, 1, 1, 1],
        mean.map(() => 1),
        { groups: channels },
      )
    : builder.conv('conv', [channels, 2, 1, 1], new Float32Array(channels * 2));
  const variance = options.variance ?? mean.map(() => 0.5);
  const pair = pairOf(conv, builder.batchNorm('bn', { mean, variance }), options.evidence);
  const result = applySignTest(builder.build(), pairingOf([pair])).pairs[0];
  assert.ok(result);
  return result;
}

const positives = (count: number): number[] => Array.from({ length: count }, (_, idx) => 0.1 + idx);

test('blocks a pair of 16 channels whose running means are all positive', () => {
  const pair = tested(positives(16));
  assert.equal(pair.verdict, 'blocked');
  assert.deepEqual(
    pair.reasons.map(({ code }) => code),
    ['ACTIVATION_BETWEEN', 'ALL_MEANS_NON_NEGATIVE'],
  );
  assert.equal(pair.statistics?.says, 'contradicts');
  assert.equal(pair.statistics.negativeMeans, 0);
});

test('lets one negative mean clear the pair, and reports the share of negative means', () => {
  const pair = tested([...positives(19), -0.01]);
  assert.equal(pair.verdict, 'fusable');
  assert.equal(pair.statistics?.says, 'silent');
  assert.equal(pair.statistics.negativeMeans, 0.05);
});

test('says nothing about 15 channels: chance does that too often', () => {
  assert.equal(tested(positives(15)).verdict, 'fusable');
});

test('asks a depthwise convolution for 32 channels, because its filters lean to one sign', () => {
  assert.equal(tested(positives(31), { depthwise: true }).verdict, 'fusable');
  assert.equal(tested(positives(32), { depthwise: true }).verdict, 'blocked');
});

test('does not count dead channels, whose mean is exactly zero', () => {
  assert.equal(tested([...positives(15), 0, 0, 0, 0]).verdict, 'fusable');
});

test('stays silent about a BatchNorm that never saw data', () => {
  const pair = tested(new Array<number>(64).fill(0), { variance: new Array<number>(64).fill(1) });
  assert.equal(pair.verdict, 'fusable');
  assert.equal(pair.statistics?.says, 'silent');
});

test('leaves the pairs of a graph alone: edges prove what stands between', () => {
  const pair = tested(positives(64), { evidence: 'graph' });
  assert.equal(pair.verdict, 'fusable');
  assert.equal(pair.statistics, null);
});

test('keeps the reasons a pair had, and adds each of its own once', () => {
  const builder = new MemoryModelBuilder();
  const conv = builder.conv('conv', [16, 2, 1, 1], new Float32Array(32));
  const bn = builder.batchNorm('bn', { mean: positives(16), variance: positives(16) });
  const model = builder.build();
  const once = applySignTest(model, pairingOf([pairOf(conv, bn)]));
  const twice = applySignTest(model, once);
  assert.deepEqual(twice, once);
});
