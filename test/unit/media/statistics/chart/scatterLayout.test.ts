import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelPoints } from '../../../../../media/statistics/channelPoints';
import {
  layoutScatter,
  markAt,
  scatterDomain,
  type ScatterLayout,
} from '../../../../../media/statistics/chart/scatterLayout';
import type { Unit } from '../../../../../media/statistics/viewState';
import type { StatisticsPicture } from '../../../../../src/protocol/statistics';
import { candidate, picture } from '../../../../support/pictures';

interface Look {
  readonly chosen: number;
  readonly unit: Unit;
  readonly width: number;
  readonly height: number;
}

function layout(
  shown: StatisticsPicture,
  { chosen = 0, unit = 'deviations', width = 500, height = 400 }: Partial<Look> = {},
): ScatterLayout {
  return layoutScatter({
    points: channelPoints(shown, shown.candidates[chosen]),
    unit,
    domain: scatterDomain(shown, unit),
    near: 0.25,
    width,
    height,
  });
}

/** How far above the line a mark is, in pixels. */
function aboveLine(
  { line: [start, end] }: ScatterLayout,
  { x, y }: { x: number; y: number },
): number {
  return start.y + ((x - start.x) / (end.x - start.x)) * (end.y - start.y) - y;
}

test('what is predicted right lies on the line; higher means are up and to the right', () => {
  const shown = picture([-1, 0, 2], [candidate([-1, 0, 2])]);
  const made = layout(shown);
  for (const mark of made.marks) assert.ok(Math.abs(aboveLine(made, mark)) < 1e-9);
  const [low, , high] = made.marks;
  assert.ok(low && high && low.x < high.x && low.y > high.y);
});

test('a mean stored higher than predicted lies above the line', () => {
  const made = layout(picture([-1, 0.5, 2], [candidate([-1, 0, 2])]));
  const [, middle] = made.marks;
  assert.ok(middle && aboveLine(made, middle) > 5);
  assert.deepEqual(
    made.marks.map(({ closeness }) => closeness),
    ['near', 'far', 'near'],
  );
});

test('flipping through the candidates moves no axis', () => {
  const wrong = candidate([9, -9, 40], { kind: 'convolution' });
  const shown = picture([-1, 0, 2], [candidate([-1, 0, 2]), wrong]);
  const [found, other] = [layout(shown), layout(shown, { chosen: 1 })];
  assert.deepEqual(found.xTicks, other.xTicks);
  assert.deepEqual(found.yTicks, other.yTicks);
});

test('what lies beyond the axes is held at the edge it left by', () => {
  const wrong = candidate([900, -900, 0]);
  const shown = picture([-1, 0, 2], [candidate([-1, 0, 2]), wrong]);
  const made = layout(shown, { chosen: 1 });
  const [right, left, inside] = made.marks;
  assert.deepEqual([right?.beyond, left?.beyond, inside?.beyond], ['right', 'left', null]);
  assert.deepEqual([right?.x, left?.x], [made.plot.right, made.plot.left]);
});

test('one stored mean far from all others does not squeeze them into a corner', () => {
  const stored = [...Array.from({ length: 63 }, (_, idx) => idx / 63), 5000];
  const [low, high] = scatterDomain(picture(stored, [candidate(stored)]), 'deviations');
  assert.ok(low > -1 && high < 4, `${low} … ${high}`);
});

test('zero is shown when it is near, and does not flatten means that are far from it', () => {
  const near = picture([0.4, 0.5, 0.7], [candidate([0.4, 0.5, 0.7])]);
  assert.notEqual(layout(near).zero, null);
  const far = picture([100, 100.1, 100.2], [candidate([100, 100.1, 100.2])]);
  assert.equal(layout(far).zero, null);
  assert.ok(scatterDomain(far, 'means')[0] > 99);
});

test('the text of no two ticks is the same, at whatever scale the means are', () => {
  const scales = [1e-12, 1e-4, 0.0123, 1, 300, 1e7];
  for (const offset of [0, 1, 1000]) {
    for (const scale of scales) {
      const stored = [-1, 0.2, 1].map((value) => (value + offset) * scale);
      for (const size of [150, 500, 1600]) {
        const shown = picture(stored, [candidate(stored)]);
        const made = layout(shown, { unit: 'means', width: size, height: size });
        for (const ticks of [made.xTicks, made.yTicks]) {
          const texts = ticks.map(({ text }) => text);
          assert.equal(new Set(texts).size, texts.length, texts.join(' '));
          assert.ok(
            texts.every((text) => text.length <= 10),
            texts.join(' '),
          );
        }
      }
    }
  }
});

test('a dead channel has a place among the means as stored, and none in standard deviations', () => {
  const shown = picture([1, 2, 3], [candidate([1, 2, 3])], { std: [1, 0, 1] });
  assert.deepEqual(
    layout(shown).marks.map(({ index }) => index),
    [0, 2],
  );
  assert.equal(layout(shown, { unit: 'means' }).marks.length, 3);
});

test('the band about the line is as wide as near is, and only where all channels have the same', () => {
  const shown = picture([-1, 0, 2], [candidate([-1, 0, 2])]);
  const { band, plot } = layout(shown);
  assert.equal(band?.length, 6);
  assert.ok(band.every(({ x, y }) => x >= plot.left && x <= plot.right && y >= plot.top - 1e-9));
  assert.equal(layout(shown, { unit: 'means' }).band, null);
});

test('many channels get smaller marks', () => {
  const stored = Array.from({ length: 512 }, (_, idx) => Math.sin(idx));
  const few = layout(picture([1, 2, 3], [candidate([1, 2, 3])]));
  const many = layout(picture(stored, [candidate(stored)]));
  assert.ok(many.radius < few.radius && many.radius > 2);
});

test('nothing to show and no room to show it in are no mistakes', () => {
  assert.deepEqual(layout(picture([], [])).marks, []);
  const same = layout(picture([3, 3, 3], [candidate([3, 3, 3])]), { width: 10, height: 10 });
  assert.ok(same.marks.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)));
});

test('the pointer finds the nearest mark within its reach', () => {
  const made = layout(picture([-1, 0, 2], [candidate([-1, 0, 2])]));
  const [first] = made.marks;
  assert.ok(first);
  assert.equal(markAt(made, { x: first.x + 6, y: first.y - 6 }), first);
  assert.equal(markAt(made, { x: first.x, y: first.y - 120 }), null);
});
