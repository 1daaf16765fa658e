import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunWalk } from '../../../../../src/core/folding/kernels/runWalk';
import type { WeightAxis } from '../../../../../src/core/model/fold';
import {
  accumulateSums,
  type SumTarget,
} from '../../../../../src/core/statistics/kernels/accumulateSums';

const OUTPUTS = 4;
const INPUTS = 3;
const TAPS = 5;
const values = Float64Array.from({ length: OUTPUTS * INPUTS * TAPS }, (_, idx) => idx + 1);

const output = { count: OUTPUTS, channelStep: 1, reductionStep: 0 };
const input = { count: INPUTS, channelStep: 0, reductionStep: TAPS };
const tap = { count: TAPS, channelStep: 0, reductionStep: 1 };

/** Axes from the slowest to the fastest, each with the stride that follows from those after it. */
function nested(...axes: readonly Omit<WeightAxis, 'stride'>[]): WeightAxis[] {
  return axes.map((axis, idx) => ({
    ...axis,
    stride: axes.slice(idx + 1).reduce((product, { count }) => product * count, 1),
  }));
}

/** Channels 1 and 3 are kept; plane 1 sees some of the taps. */
function target(): SumTarget {
  return {
    rowOf: Int32Array.of(-1, 0, -1, 1),
    inputs: INPUTS,
    taps: TAPS,
    planes: [new Float32Array(2 * INPUTS), new Float32Array(2 * INPUTS)],
    factors: Float64Array.of(1, 1, 1, 1, 1, -2, 0, 0, 0, 3),
  };
}

for (const [layout, axes] of Object.entries({
  'channels outermost': nested(output, input, tap),
  'channels between': nested(input, output, tap),
  'channels innermost': nested(tap, input, output),
})) {
  test(`sums are the same wherever the weight is cut: ${layout}`, () => {
    const whole = target();
    accumulateSums(whole, new RunWalk(axes), values, 0);
    assert.ok(whole.planes.every((plane) => plane.every((sum) => sum !== 0)));
    for (let first = 1; first < values.length; first++) {
      for (let second = first; second < values.length; second += 7) {
        const cut = target();
        const walk = new RunWalk(axes);
        accumulateSums(cut, walk, values.slice(0, first), 0);
        accumulateSums(cut, walk, values.slice(first, second), first);
        accumulateSums(cut, walk, values.slice(second), second);
        assert.deepEqual(cut.planes, whole.planes);
      }
    }
  });
}

test('each plane has the sums over the taps with its factors', () => {
  const sums = target();
  accumulateSums(sums, new RunWalk(nested(output, input, tap)), values, 0);
  // Channel 1, input 0 are the values 16 to 20; channel 3, input 2 are 56 to 60.
  const [all, some] = sums.planes;
  assert.equal(all?.[0], 16 + 17 + 18 + 19 + 20);
  assert.deepEqual([some?.[0], some?.[5]], [-2 * 16 + 3 * 20, -2 * 56 + 3 * 60]);
});
