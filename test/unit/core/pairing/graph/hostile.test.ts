import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pairing } from '../../../../../src/core/model/pair';
import { graph, pairing } from '../../../../support/graphPairs';
import type { GraphBuilder } from '../../../../support/graphBuilder';

/** Files whose graphs would take hours if every node looked at every other one; each takes well under a second. */
const COUNT = 10_000;
const LIMIT_MS = 5_000;

function timed(builder: GraphBuilder): Pairing {
  const start = performance.now();
  const found = pairing(builder);
  assert.ok(performance.now() - start < LIMIT_MS);
  return found;
}

const numbers = Array.from({ length: COUNT }, (_, idx) => idx);

describe('large and odd graphs take time in proportion', () => {
  test('thousands of BatchNorms on one output, with the same vectors', () => {
    const builder = graph().conv();
    const names = ['y.gamma', 'y.beta', 'y.mean', 'y.var'];
    for (const name of names) builder.initializer(name, [4]);
    for (const idx of numbers) builder.node('BatchNormalization', ['c', ...names], [`y${idx}`]);
    const { pairs } = timed(builder);
    assert.equal(pairs.length, COUNT);
    assert.equal(pairs.at(-1)?.verdict, 'blocked');
  });

  test('thousands of BatchNorms in a row', () => {
    const builder = graph().conv('x', 'y0').initializer('v', [4]);
    for (const idx of numbers) {
      builder.node('BatchNormalization', [`y${idx}`, 'v', 'v', 'v', 'v'], [`y${idx + 1}`]);
    }
    const { pairs, unpaired } = timed(builder);
    assert.equal(pairs.length + unpaired.length, COUNT);
    assert.equal(pairs[0]?.verdict, 'fusable');
  });

  test('convolutions that share one weight', () => {
    const builder = graph().initializer('w', [4, 3, 3, 3]).initializer('v', [4]);
    for (const idx of numbers) {
      builder.node('Conv', ['x', 'w'], [`c${idx}`]);
      builder.node('BatchNormalization', [`c${idx}`, 'v', 'v', 'v', 'v'], [`y${idx}`]);
    }
    const { pairs } = timed(builder);
    assert.equal(pairs.length, COUNT);
    assert.equal(pairs[0]?.copiesWeight, true);
  });

  test('BatchNorms behind a node of thousands of inputs', () => {
    const constants = numbers.map((idx) => `k${idx}`);
    const builder = graph().conv().initializer('v', [4]);
    for (const name of constants) builder.initializer(name, []);
    builder.node('Sum', ['c', ...constants], ['s']);
    for (const idx of numbers) {
      builder.node('BatchNormalization', ['s', 'v', 'v', 'v', 'v'], [`y${idx}`]);
    }
    assert.equal(timed(builder).unpaired.length, COUNT);
  });

  test('a rank that doubles its ways at every node', () => {
    const builder = graph().input('v0').initializer('w', [3, 4]);
    for (const idx of numbers) builder.node('Add', [`v${idx}`, `v${idx}`], [`v${idx + 1}`]);
    builder.node('MatMul', [`v${COUNT}`, 'w'], ['c']).batchNorm();
    assert.equal(timed(builder).pairs[0]?.reasons[0]?.code, 'RANK_UNKNOWN');
  });
});
