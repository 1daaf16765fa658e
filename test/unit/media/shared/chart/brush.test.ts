import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draggedSpan, gripAt } from '../../../../../media/shared/chart/brush';

const span = { from: 100, to: 200 };

test('the pointer takes hold of an edge, of the window, or of the strip', () => {
  const grips = [98, 150, 203, 400].map((x) => gripAt(x, span, 1));
  assert.deepEqual(grips, ['from', 'move', 'to', 'draw']);
});

test('the window moves with the pointer from where it was taken', () => {
  assert.deepEqual(draggedSpan('move', span, 150, 170, 1000), { from: 120, to: 220 });
});

test('an edge may be dragged past the other', () => {
  assert.deepEqual(draggedSpan('from', span, 100, 260, 1000), { from: 200, to: 260 });
});

test('a drag beside the window draws a new one', () => {
  assert.deepEqual(draggedSpan('draw', span, 600, 500, 1000), { from: 500, to: 600 });
});
