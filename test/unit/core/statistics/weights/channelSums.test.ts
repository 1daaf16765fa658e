import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancellationError } from '../../../../../src/core/errors';
import type { WeightLayout } from '../../../../../src/core/model/layer';
import { readChannelSums } from '../../../../../src/core/statistics/weights/channelSums';
import { MemoryModelBuilder } from '../support/memoryModel';

const never = (): boolean => false;

/** Values that name their place: w[o, i, tap] of a weight in one group or several. */
function weightValue(channel: number, input: number, tap: number): number {
  return channel + 0.1 * input + 0.001 * (tap + 1) * (channel + 1);
}

interface Case {
  readonly what: string;
  readonly layout: WeightLayout;
  readonly groups: number;
  readonly out: number;
  readonly inputs: number;
  readonly kernel: readonly number[];
}

const cases: readonly Case[] = [
  { what: 'dense', layout: 'OI*', groups: 1, out: 5, inputs: 3, kernel: [3, 2] },
  { what: 'linear', layout: 'OI*', groups: 1, out: 4, inputs: 6, kernel: [] },
  { what: 'grouped', layout: 'OI*', groups: 2, out: 6, inputs: 2, kernel: [3] },
  { what: 'depthwise', layout: 'OI*', groups: 4, out: 4, inputs: 1, kernel: [3, 3] },
  { what: 'transposed', layout: 'IO*', groups: 1, out: 3, inputs: 5, kernel: [2, 2] },
  { what: 'transposed, grouped', layout: 'IO*', groups: 2, out: 6, inputs: 2, kernel: [2, 2] },
  { what: 'spconv 1', layout: '*IO', groups: 1, out: 4, inputs: 3, kernel: [1, 1, 1] },
  { what: 'spconv 2', layout: 'O*I', groups: 1, out: 4, inputs: 3, kernel: [1, 1, 1] },
  {
    what: 'spconv 2 used flat',
    layout: 'IO-flat',
    groups: 1,
    out: 4,
    inputs: 3,
    kernel: [1, 1, 1],
  },
];

/** The weight as its layout stores it, row-major. */
function stored({ layout, groups, out, inputs, kernel }: Case): {
  shape: number[];
  values: number[];
} {
  const taps = kernel.reduce((product, extent) => product * extent, 1);
  const perGroup = out / groups;
  const values: number[] = [];
  const push = (channel: number, input: number, tap: number): void => {
    values.push(weightValue(channel, input, tap));
  };
  const range = (count: number): number[] => Array.from({ length: count }, (_, idx) => idx);
  switch (layout) {
    case 'OI*':
      for (const o of range(out)) {
        for (const i of range(inputs)) for (const t of range(taps)) push(o, i, t);
      }
      return { shape: [out, inputs, ...kernel], values };
    case 'IO*':
      for (const g of range(groups)) {
        for (const i of range(inputs)) {
          for (const o of range(perGroup)) {
            for (const t of range(taps)) push(g * perGroup + o, i, t);
          }
        }
      }
      return { shape: [inputs * groups, perGroup, ...kernel], values };
    case '*IO':
      for (const t of range(taps)) {
        for (const i of range(inputs)) for (const o of range(out)) push(o, i, t);
      }
      return { shape: [...kernel, inputs, out], values };
    case 'O*I':
      for (const o of range(out)) {
        for (const t of range(taps)) for (const i of range(inputs)) push(o, i, t);
      }
      return { shape: [out, ...kernel, inputs], values };
    case 'IO-flat':
      for (const i of range(inputs)) for (const o of range(out)) push(o, i, 0);
      return { shape: [out, ...kernel, inputs], values };
  }
}

function expectedSum(channel: number, input: number, kernel: readonly number[]): number {
  const taps = kernel.reduce((product, extent) => product * extent, 1);
  let sum = 0;
  for (let tap = 0; tap < taps; tap++) sum += weightValue(channel, input, tap);
  return sum;
}

for (const layoutCase of cases) {
  test(`sums a ${layoutCase.what} weight over its taps, per output channel and input`, () => {
    const builder = new MemoryModelBuilder();
    const { shape, values } = stored(layoutCase);
    const { layout, groups, out, inputs, kernel } = layoutCase;
    const conv = builder.conv('conv', shape, values, { layout, groups });
    const sums = readChannelSums(builder.build(), conv, 512, never);
    assert.ok(sums);
    assert.deepEqual([sums.outChannels, sums.inputs, sums.rows.length], [out, inputs, out]);
    const [plane] = sums.planes;
    for (let channel = 0; channel < out; channel++) {
      for (let input = 0; input < inputs; input++) {
        const found = plane?.[channel * inputs + input] ?? NaN;
        const expected = expectedSum(channel, input, kernel);
        assert.ok(
          Math.abs(found - expected) < 1e-4,
          `channel ${channel}, input ${input}: ${found}`,
        );
      }
    }
  });
}

test('keeps apart what a sparse convolution’s taps need apart: offsets equal but for their signs', () => {
  const builder = new MemoryModelBuilder();
  const conv = builder.conv(
    'conv',
    [1, 3, 3, 3, 1],
    Array.from({ length: 27 }, (_, tap) => tap),
    {
      layout: 'O*I',
    },
  );
  const sums = readChannelSums(builder.build(), conv, 512, never);
  assert.ok(sums);
  assert.equal(sums.plan.hasBase, false);
  // Centre; three kinds of faces, three of edges, the corners.
  assert.equal(sums.planes.length - 1, 8);
  const total = sums.planes.reduce((sum, plane) => sum + plane[0]!, 0);
  assert.equal(total, (26 * 27) / 2);
  assert.ok(
    sums.planes.some((plane) => plane[0] === 13),
    'the centre stands alone',
  );
});

test('weighs a dense kernel’s taps by their distance from the centre, for the zeros beyond the border', () => {
  const builder = new MemoryModelBuilder();
  const conv = builder.conv('conv', [1, 1, 3], [100, 10, 1]);
  const sums = readChannelSums(builder.build(), conv, 512, never);
  assert.deepEqual(
    sums?.planes.map((plane) => plane[0]),
    [111, -100, -1],
  );
});

test('reads a strided view as the tensor it is', () => {
  const builder = new MemoryModelBuilder();
  const conv = builder.conv('conv', [2, 3], [1, 2, 3, 4, 5, 6]);
  // The same numbers seen as the transposed [3, 2] matrix of a channels-last tensor.
  const view = { ...conv, weight: { ...conv.weight, shape: [3, 2], strides: [1, 3] } };
  const sums = readChannelSums(builder.build(), view, 512, never);
  assert.deepEqual(Array.from(sums?.planes[0] ?? []), [1, 4, 2, 5, 3, 6]);
});

test('keeps an even selection of a large layer’s channels', () => {
  const builder = new MemoryModelBuilder();
  const conv = builder.conv(
    'conv',
    [100, 1],
    Array.from({ length: 100 }, (_, o) => o),
  );
  const sums = readChannelSums(builder.build(), conv, 4, never);
  assert.deepEqual(Array.from(sums?.rows ?? []), [0, 25, 50, 75]);
  assert.deepEqual(Array.from(sums?.planes[0] ?? []), [0, 25, 50, 75]);
});

test('reads a weight of several chunks once, and no byte of another tensor', () => {
  const builder = new MemoryModelBuilder();
  const count = 300_000;
  builder.tensor('before', [7], new Float32Array(7).fill(1e9));
  const conv = builder.conv('conv', [3, count], new Float32Array(3 * count).fill(0.5));
  builder.tensor('behind', [7], new Float32Array(7).fill(1e9));
  const model = builder.build();
  const sums = readChannelSums(model, conv, 512, never);
  assert.ok(sums?.planes[0]?.every((value) => value === 0.5));
  assert.equal(model.sources[0]?.bytesRead, 3 * count * 4);
});

test('reads no byte of the channels it leaves out where each channel lies by itself', () => {
  const builder = new MemoryModelBuilder();
  const perChannel = 40_000;
  const values = Float32Array.from({ length: 8 * perChannel }, (_, idx) => idx / perChannel);
  const conv = builder.conv('conv', [8, perChannel / 4, 2, 2], values);
  const model = builder.build();
  const sums = readChannelSums(model, conv, 2, never);
  assert.deepEqual(Array.from(sums?.rows ?? []), [0, 4]);
  assert.equal(model.sources[0]?.bytesRead, 2 * perChannel * 4);
  const first = values.subarray(4 * perChannel, 4 * perChannel + 4);
  const sum = first.reduce((total, value) => total + value, 0);
  assert.ok(Math.abs((sums?.planes[0]?.[perChannel / 4] ?? 0) - sum) < 1e-4);
});

test('stops between chunks when it is cancelled', () => {
  const builder = new MemoryModelBuilder();
  const conv = builder.conv('conv', [2, 2], [1, 2, 3, 4]);
  assert.throws(() => readChannelSums(builder.build(), conv, 512, () => true), CancellationError);
});

test('gives nothing for a weight without values or of integers', () => {
  const builder = new MemoryModelBuilder();
  const conv = builder.conv('conv', [2, 2], [1, 2, 3, 4]);
  const model = builder.build();
  const absent = { ...conv, weight: { ...conv.weight, location: { kind: 'absent' } as const } };
  const integers = { ...conv, weight: { ...conv.weight, dtype: 'i8' as const } };
  assert.equal(readChannelSums(model, absent, 512, never), null);
  assert.equal(readChannelSums(model, integers, 512, never), null);
});
