import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  layerAt,
  layoutChart,
  type ChartInput,
  type ChartLayout,
} from '../../../../../media/drift/chart/layout';
import { wholeSpan } from '../../../../../media/shared/chart/span';
import type { DriftLayerReport } from '../../../../../src/protocol/drift';
import { deepReport, driftLayer, metrics } from '../../../../support/driftReports';

function layout(layers: readonly DriftLayerReport[], parts: Partial<ChartInput> = {}): ChartLayout {
  return layoutChart({
    layers,
    names: layers.map(({ id }) => id),
    metric: 'sqnrDb',
    series: ['isolated', 'accumulated'],
    span: wholeSpan(layers.length),
    width: 872,
    height: 300,
    ...parts,
  });
}

const both = (id: string, isolated: number, accumulated: number): DriftLayerReport =>
  driftLayer(id, { isolated: metrics(isolated), accumulated: metrics(accumulated) });

test('more decibels are higher, and layers go from left to right', () => {
  const { marks } = layout([both('a', 150, 140), both('b', 120, 100)]);
  const [first, , second] = marks;
  assert.ok(first && second && first.y < second.y && first.x < second.x);
  assert.deepEqual(
    marks.map(({ layer, series }) => `${layer} ${series}`),
    ['0 isolated', '0 accumulated', '1 isolated', '1 accumulated'],
  );
});

test('larger errors are higher, on a log scale', () => {
  const layers = [1e-8, 1e-6, 1e-4].map((error, idx) =>
    driftLayer(String(idx), { isolated: metrics(100, error) }),
  );
  const [low, middle, high] = layout(layers, { metric: 'maxAbs' }).marks.map(({ y }) => y);
  assert.ok(low !== undefined && middle !== undefined && high !== undefined && low > high);
  assert.equal(Math.round(low - middle), Math.round(middle - high));
});

test('the threshold line stands where the labels change, one for each series that was measured', () => {
  const { thresholds, plot } = layout([both('a', 150, 140), both('b', 120, 80)]);
  assert.deepEqual(
    thresholds.map(({ series, decibels }) => [series, decibels]),
    [
      ['isolated', 120],
      ['accumulated', 80],
    ],
  );
  const { marks } = layout([both('a', 150, 140), both('b', 120, 80)]);
  assert.equal(thresholds[0]?.y, marks[2]?.y);
  assert.deepEqual([thresholds[0]?.from, thresholds[0]?.to], [plot.left, plot.right]);
  assert.equal(layout([driftLayer('a')]).thresholds.length, 1);
  assert.equal(layout([driftLayer('a')], { metric: 'maxAbs' }).thresholds.length, 0);
});

test('layers of float16 have a threshold of their own', () => {
  const layers = [driftLayer('a'), driftLayer('b'), driftLayer('c', { dtype: 'f16' })];
  const { thresholds } = layout(layers);
  assert.deepEqual(
    thresholds.map(({ decibels }) => decibels),
    [120, 60],
  );
  assert.equal(thresholds[0]?.to, thresholds[1]?.from);
});

test('identical and not finite have places of their own, on the good and the bad side', () => {
  const layers = [
    driftLayer('a', { isolated: metrics('identical') }),
    driftLayer('b', { isolated: metrics('not finite', 'not finite') }),
    driftLayer('c'),
  ];
  const decibels = layout(layers);
  const [identical, broken] = decibels.marks.map(({ y }) => y);
  assert.ok(identical !== undefined && identical < decibels.plot.top);
  assert.ok(broken !== undefined && broken > decibels.plot.bottom);
  const errors = layout(layers, { metric: 'maxAbs' });
  assert.ok((errors.marks[0]?.y ?? 0) > errors.plot.bottom);
  assert.ok((errors.marks[1]?.y ?? 1e9) < errors.plot.top);
  assert.deepEqual(layout([driftLayer('c')]).bands, []);
});

test('a layer that was not found leaves a gap in the line', () => {
  const gap = driftLayer('b', { isolated: null, accumulated: null, label: null });
  const { lines, marks } = layout([both('a', 150, 140), gap, both('c', 150, 130), both('d', 1, 2)]);
  assert.deepEqual(
    lines.map(({ length }) => length),
    [2],
  );
  assert.equal(marks.filter(({ layer }) => layer === 1).length, 0);
});

test('layers left unfolded do not stretch the scale', () => {
  const { marks, plot, valueTicks } = layout([both('a', 150, 140), both('b', 316, 140)]);
  assert.equal(
    marks.find(({ layer, series }) => layer === 1 && series === 'isolated')?.y,
    plot.top,
  );
  assert.equal(valueTicks.at(-1)?.text, '200');
});

test('few layers are named, many are numbered from 1', () => {
  const few = layout([both('stem', 150, 140), both('head', 150, 130)]);
  assert.deepEqual(
    [few.hasNames, few.layerTicks.map(({ text }) => text)],
    [true, ['stem', 'head']],
  );
  const many = layout(deepReport(1000).layers);
  assert.equal(many.hasNames, false);
  assert.deepEqual(
    many.layerTicks.map(({ text }) => text),
    ['100', '200', '300', '400', '500', '600', '700', '800', '900', '1000'],
  );
});

test('zoomed in, only what can be seen is laid out, and the value scale stays', () => {
  const { layers } = deepReport(1000);
  const whole = layout(layers);
  const part = layout(layers, { span: { from: 500, to: 520 } });
  assert.deepEqual([part.marks[0]?.layer, part.marks.at(-1)?.layer], [499, 520]);
  const shareOf100 = ({ valueTicks, plot }: ChartLayout): number => {
    const y = valueTicks.find(({ text }) => text === '100')?.y ?? NaN;
    return (y - plot.top) / (plot.bottom - plot.top);
  };
  assert.ok(Math.abs(shareOf100(part) - shareOf100(whole)) < 1e-9);
});

test('the layer under the pointer is the one whose mark is near, else the one of the column', () => {
  const { layers } = deepReport(1000);
  const chart = layout(layers);
  for (const mark of [chart.marks[0], chart.marks[801], chart.marks.at(-1)]) {
    assert.ok(mark);
    assert.equal(layerAt(chart, mark), mark.layer);
  }
  const few = layout([both('a', 150, 140), both('b', 120, 100)]);
  const column = few.plot.left + few.step * 1.9;
  assert.equal(layerAt(few, { x: column, y: few.plot.bottom - 1 }), 1);
  assert.equal(layerAt(few, { x: few.plot.left - 20, y: 100 }), -1);
});

test('the name of a threshold stands where it hides no mark', () => {
  const layers = Array.from({ length: 20 }, (_, idx) => both(`l${idx}`, 150, idx < 10 ? 125 : 90));
  const { thresholds, marks } = layout(layers);
  for (const { name } of thresholds) {
    assert.ok(name);
    const middle = name.side === 'above' ? name.y - 9 : name.y + 9;
    const hidden = marks.filter(
      ({ x, y }) => Math.abs(x - name.x) < 85 && Math.abs(y - middle) < 9,
    );
    assert.deepEqual(hidden, []);
  }
});

test('no layers at all still make axes', () => {
  const { marks, valueTicks } = layout([]);
  assert.equal(marks.length, 0);
  assert.ok(valueTicks.length > 2);
});

test('names give way to numbers where they would take the chart’s room', () => {
  const layers = ['short', 'a name that is rather long'].map((id) => driftLayer(id));
  assert.equal(layout(layers, { height: 400 }).hasNames, true);
  assert.equal(layout(layers, { height: 220 }).hasNames, false);
});
