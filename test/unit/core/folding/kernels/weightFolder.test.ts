import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeFloats, encodeFloats } from '../../../../../src/core/bytes/floats';
import { gaussianPatch } from '../../../../../src/core/drift/patch';
import { WeightFolder } from '../../../../../src/core/folding/kernels/weightFolder';
import { storageExtent, weightAxes } from '../../../../../src/core/folding/weightAxes';
import type { WeightFold } from '../../../../../src/core/model/fold';
import type { WeightLayout } from '../../../../../src/core/model/layer';
import { contiguousStrides, itemSize, type FloatDType } from '../../../../../src/core/model/tensor';
import { foldedBytes, places, someWeights } from '../../../../support/foldOracle';

const dtypes: readonly FloatDType[] = ['f64', 'f32', 'f16', 'bf16'];

interface Case {
  readonly what: string;
  readonly layout: WeightLayout;
  readonly shape: readonly number[];
  readonly strides?: readonly number[];
  readonly groups?: number;
  readonly channels: number;
}

const cases: readonly Case[] = [
  { what: 'dense', layout: 'OI*', shape: [5, 3, 3, 3], channels: 5 },
  { what: 'depthwise', layout: 'OI*', shape: [7, 1, 3, 3], channels: 7 },
  { what: 'dense 1×1 with one input', layout: 'OI*', shape: [9, 1, 1, 1], channels: 9 },
  {
    what: 'dense, channels last',
    layout: 'OI*',
    shape: [4, 6, 3, 2],
    strides: [36, 1, 12, 6],
    channels: 4,
  },
  { what: 'transposed', layout: 'IO*', shape: [3, 5, 2, 2], channels: 5 },
  { what: 'transposed with groups', layout: 'IO*', shape: [6, 2, 3], groups: 3, channels: 6 },
  {
    what: 'transposed with groups, inputs innermost',
    layout: 'IO*',
    shape: [4, 2, 3],
    strides: [1, 4, 8],
    groups: 4,
    channels: 8,
  },
  { what: 'linear [in, out]', layout: 'IO*', shape: [11, 6], channels: 6 },
  { what: 'spconv 1', layout: '*IO', shape: [3, 1, 3, 4, 10], channels: 10 },
  { what: 'spconv 2', layout: 'O*I', shape: [10, 3, 1, 3, 4], channels: 10 },
  { what: 'spconv 2 with one tap', layout: 'IO-flat', shape: [6, 1, 1, 1, 9], channels: 6 },
  { what: 'a view with gaps', layout: 'OI*', shape: [4, 3, 2], strides: [20, 6, 2], channels: 4 },
  { what: 'one element', layout: 'OI*', shape: [1, 1], channels: 1 },
];

function foldOf(given: Case, dtype: FloatDType): { weight: WeightFold; elements: number } {
  const { layout, shape, groups = 1, channels } = given;
  const tensor = {
    name: 'w',
    dtype,
    shape,
    strides: given.strides ?? contiguousStrides(shape),
    location: { kind: 'encoded' },
  } as const;
  const walk = weightAxes({ weight: tensor, layout, groups });
  assert.equal(walk.kind, 'axes');
  const scale = someWeights(channels, 7).map((value) => value * 3);
  return { weight: { dtype, axes: walk.axes, scale }, elements: storageExtent(tensor) };
}

/** Folds in chunks that end after each of the `cuts`, from a buffer that is not aligned. */
function foldInChunks(weight: WeightFold, bytes: Uint8Array, cuts: readonly number[]) {
  const size = itemSize[weight.dtype];
  const unaligned = new Uint8Array(bytes.length + 1).subarray(1);
  unaligned.set(bytes);
  const folder = new WeightFolder(weight);
  const ends = [...cuts, bytes.length / size];
  ends.forEach((end, idx) => {
    const first = idx === 0 ? 0 : ends[idx - 1]!;
    folder.fold(unaligned.subarray(first * size, end * size), first);
  });
  return { folder, bytes: unaligned };
}

describe('every layout and type', () => {
  for (const given of cases) {
    test(`${given.what}: each element is scaled by its own channel, rounded once`, () => {
      for (const dtype of dtypes) {
        const { weight, elements } = foldOf(given, dtype);
        const bytes = encodeFloats(someWeights(elements), dtype);
        const expected = foldedBytes(weight, bytes);
        assert.deepEqual(foldInChunks(weight, bytes, []).bytes, expected);
        const cuts = [1, 2, 5, 11, 30].filter((cut) => cut < elements);
        assert.deepEqual(foldInChunks(weight, bytes, cuts).bytes, expected);
      }
    });

    test(`${given.what}: the patch meets both weights at the same positions`, () => {
      for (const dtype of dtypes) {
        const { weight, elements } = foldOf(given, dtype);
        const bytes = encodeFloats(someWeights(elements), dtype);
        const { folder, bytes: folded } = foldInChunks(
          weight,
          bytes,
          [3].filter((cut) => cut < elements),
        );
        const all = places(weight.axes);
        const patch = gaussianPatch(1, 1 + Math.max(...all.map((place) => place.reduction)));
        const sumsOf = (stored: Uint8Array): Float64Array => {
          const sums = new Float64Array(weight.scale.length);
          const values = decodeFloats(stored, dtype);
          for (const place of all) {
            sums[place.channel]! += values[place.storage]! * patch[place.reduction]!;
          }
          return sums;
        };
        assertClose(folder.before, sumsOf(bytes));
        assertClose(folder.after, sumsOf(folded));
      }
    });
  }
});

/** The order of additions differs, nothing else: a few units of float64 of sums near 1. */
function assertClose(found: Float64Array, expected: Float64Array): void {
  found.forEach((value, idx) => {
    assert.ok(Math.abs(value - expected[idx]!) < 1e-13, `${value} for ${expected[idx]!}`);
  });
}

describe('rounding', () => {
  const scales = [
    ...[1, 3, -0.7, 1 / 3, 1.0000001, 2 ** -9, 5e-8, 1e-30, 700, 0, -0, -3, 1 + 2 ** -12],
    // Beyond what layers have: products must overflow to infinity, not wrap around.
    ...[1e38, -1e99, 1e101, 1e200, 1e300, -1e308, Infinity, NaN],
  ];
  /** Every pattern, in an order that mixes ordinary numbers with infinities and NaN. */
  const patterns = new Uint16Array(65536).map((_, idx) => Math.imul(idx, 40503) & 65535);

  for (const dtype of ['f16', 'bf16'] as const) {
    test(`is right for all 65536 patterns of ${dtype}, along rows and across channels`, () => {
      for (const bits of [patterns, patterns.toSorted()]) {
        const bytes = new Uint8Array(bits.buffer);
        for (const scale of scales) {
          const row = [{ count: 65536, stride: 1, channelStep: 0, reductionStep: 1 }];
          assertRounded({ dtype, axes: row, scale: Float64Array.of(scale) }, bytes);
        }
        const columns = [{ count: 65536, stride: 1, channelStep: 1, reductionStep: 0 }];
        for (const chosen of [scales, scales.slice(0, 13)]) {
          const scale = Float64Array.from(patterns, (_, idx) => chosen[idx % chosen.length]!);
          assertRounded({ dtype, axes: columns, scale }, bytes);
        }
      }
    });

    test(`the check of ${dtype} is infinite where one element of many overflows`, () => {
      const values = Float64Array.from({ length: 64 }, (_, idx) => (idx === 21 ? 3e4 : 0.5));
      const large = dtype === 'f16' ? values : values.map((value) => value * 1e34);
      for (const [channelStep, channels] of [
        [0, 1],
        [1, 64],
      ] as const) {
        const axes = [{ count: 64, stride: 1, channelStep, reductionStep: 1 - channelStep }];
        const weight = { dtype, axes, scale: new Float64Array(channels).fill(3) };
        const { folder } = foldInChunks(weight, encodeFloats(large, dtype), []);
        assert.equal(Math.abs(folder.after[channels === 1 ? 0 : 21]!), Infinity);
      }
    });
  }

  function assertRounded(weight: WeightFold, bytes: Uint8Array): void {
    const { dtype } = weight;
    const folded = decodeFloats(foldInChunks(weight, bytes, []).bytes, dtype);
    assert.deepEqual(folded, decodeFloats(foldedBytes(weight, bytes), dtype));
  }

  test('is done once, where a detour over float32 would tie', () => {
    // 1 · (1 + 2^-11 + 2^-40): float32 drops the last bit, and the tie would go to 1.
    const axes = [{ count: 1, stride: 1, channelStep: 1, reductionStep: 0 }];
    const weight = { dtype: 'f16', axes, scale: Float64Array.of(1 + 2 ** -11 + 2 ** -40) } as const;
    const { bytes } = foldInChunks(weight, encodeFloats(Float64Array.of(1), 'f16'), []);
    assert.deepEqual(decodeFloats(bytes, 'f16'), Float64Array.of(1 + 2 ** -10));
  });
});

describe('large weights', () => {
  /** Larger than the loops' block, their window of channels or their window of the patch. */
  const shapes: readonly [string, WeightFold['axes'], number][] = [
    [
      'a sum of 150,000 positions',
      [
        { count: 2, stride: 150_000, channelStep: 1, reductionStep: 0 },
        { count: 150_000, stride: 1, channelStep: 0, reductionStep: 1 },
      ],
      2,
    ],
    [
      '70,000 channels innermost',
      [
        { count: 2, stride: 70_000, channelStep: 0, reductionStep: 1 },
        { count: 70_000, stride: 1, channelStep: 1, reductionStep: 0 },
      ],
      70_000,
    ],
  ];
  for (const [what, axes, channels] of shapes) {
    test(`are walked window by window: ${what}`, () => {
      const weight = { dtype: 'f32', axes, scale: someWeights(channels, 3) } as const;
      const values = someWeights(axes[0]!.count * axes[0]!.stride);
      const bytes = encodeFloats(values, 'f32');
      const { folder, bytes: folded } = foldInChunks(weight, bytes, [40_001, 100_003]);
      assert.deepEqual(folded, foldedBytes(weight, bytes));
      const ratio = folder.after[1]! / folder.before[1]!;
      assert.ok(Math.abs(ratio / weight.scale[1]! - 1) < 1e-6);
    });
  }
});
