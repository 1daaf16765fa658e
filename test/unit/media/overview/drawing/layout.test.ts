import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutDrawing, type Box } from '../../../../../media/overview/drawing/layout';
import type {
  SurroundingLayer,
  SurroundingRole,
  Surroundings,
} from '../../../../../src/core/model/surroundings';

type Sketch = readonly [name: string, role: SurroundingRole, row: number];

function surroundings(sketches: readonly Sketch[], arrows: readonly string[]): Surroundings {
  const place = (name = ''): number => sketches.findIndex(([known]) => known === name);
  return {
    layers: sketches.map(([name, role, row]): SurroundingLayer => ({
      role,
      kind: 'layer',
      name,
      type: 'Conv',
      row,
      moreInputs: 0,
      moreReaders: 0,
    })),
    connections: arrows.map((arrow) => {
      const [from, to] = arrow.split(' ');
      return { from: place(from), to: place(to), basis: 'graph' };
    }),
  };
}

const WIDTH = 300;
const chain = surroundings(
  [
    ['conv', 'conv', 1],
    ['bn', 'bn', 2],
    ['relu', 'before', 0],
    ['add', 'after', 3],
  ],
  ['relu conv', 'conv bn', 'bn add'],
);

function overlaps(a: Box, b: Box): boolean {
  const isApart =
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  return !isApart;
}

test('a plain chain stands in one column, in the order of its rows', () => {
  const { boxes, height } = layoutDrawing(chain, WIDTH);
  assert.equal(new Set(boxes.map(({ x }) => x)).size, 1);
  const [conv, bn, relu, add] = boxes.map(({ y }) => y);
  assert.deepEqual(
    [relu, conv, bn, add],
    [relu, conv, bn, add].toSorted((a, b) => Number(a) - Number(b)),
  );
  assert.equal(height, Number(add) + (boxes[3]?.height ?? 0));
});

test('a shortcut runs around the boxes it passes', () => {
  const drawn = {
    ...chain,
    connections: [...chain.connections, { from: 2, to: 3, basis: 'graph' }],
  };
  const { boxes, lines } = layoutDrawing(drawn as Surroundings, WIDTH);
  const left = Math.min(...boxes.map(({ x }) => x));
  const shortcut = lines.at(-1);
  assert.ok(shortcut?.tip.isSideways);
  const lane = Number(/V/.exec(shortcut.path) && /Q(\d+)/.exec(shortcut.path)?.[1]);
  assert.ok(lane >= 0 && lane < left, `${lane} < ${left}`);
});

test('what stands beside the pair leaves its column straight, and nothing overlaps', () => {
  const { boxes } = layoutDrawing(
    surroundings(
      [
        ['conv', 'conv', 1],
        ['bn', 'bn', 2],
        ['one', 'before', 0],
        ['two', 'before', 0],
        ['reader', 'beside', 2],
        ['output', 'beside', 2],
        ['next', 'after', 3],
      ],
      ['one conv', 'two conv', 'conv bn', 'conv reader', 'conv output', 'bn next'],
    ),
    WIDTH,
  );
  assert.equal(boxes[0]?.x, boxes[1]?.x);
  assert.equal(boxes[1]?.x, boxes[6]?.x);
  boxes.forEach((box, idx) => {
    assert.ok(box.x >= 0 && box.x + box.width <= WIDTH + 1e-9);
    for (const other of boxes.slice(idx + 1)) assert.ok(!overlaps(box, other));
  });
});

test('nothing to draw has no height', () => {
  assert.deepEqual(layoutDrawing({ layers: [], connections: [] }, WIDTH), {
    boxes: [],
    lines: [],
    height: 0,
  });
});
