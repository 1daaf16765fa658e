import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemorySource } from '../../../../../../src/core/bytes/byteSource';
import { openOnnx } from '../../../../../../src/core/formats/onnx/openOnnx';
import type { Graph, GraphNetwork } from '../../../../../../src/core/model/network';
import type { OpenedModel } from '../../../../../../src/core/model/openedModel';
import { memoryFiles } from '../../../../../support/memoryFiles';
import {
  attribute,
  initializer,
  join,
  model,
  node,
  output,
  sub,
  text,
} from '../../../../../support/onnxBytes';

function open(bytes: Uint8Array): OpenedModel {
  return openOnnx(new MemorySource(bytes), memoryFiles());
}

function mainOf(opened: OpenedModel): Graph {
  return (opened.network as GraphNetwork).graphs[0]!;
}

describe('names', () => {
  test('of nodes are their own where unique, else their first outputs', () => {
    const { nodes } = mainOf(
      open(
        model([
          node('Relu', ['x'], ['a'], { name: 'only' }),
          node('Relu', ['a'], ['b'], { name: 'twice' }),
          node('Relu', ['b'], ['c'], { name: 'twice' }),
          node('Relu', ['c'], ['', 'd']),
          node('Print', ['d'], []),
        ]),
      ),
    );
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ['only', 'b', 'c', 'd', 'Print'],
    );
  });

  test('of subgraphs carry the node and the attribute; equal names inside carry the scope', () => {
    const branch = (type: string): Uint8Array[] => [
      node(type, ['w'], ['out']),
      initializer('w', [1], [1]),
      output('out'),
    ];
    const opened = open(
      model([
        node('If', ['c'], ['y'], {
          name: 'choice',
          more: [
            attribute.graph('then_branch', ...branch('Relu')),
            attribute.graph('else_branch', ...branch('Abs')),
          ],
        }),
        initializer('w', [1], [2]),
      ]),
    );
    const main = mainOf(opened);
    const [then, otherwise] = main.nodes[0]!.subgraphs;
    assert.equal(then!.scope, 'choice/then_branch');
    assert.equal(otherwise!.scope, 'choice/else_branch');
    assert.equal(then!.nodes[0]!.name, 'choice/then_branch/out');
    assert.equal(otherwise!.nodes[0]!.name, 'choice/else_branch/out');
    assert.equal(main.initializers.get('w')!.name, 'w');
    assert.equal(then!.initializers.get('w')!.name, 'choice/then_branch/w');
    assert.deepEqual([...opened.readValues(then!.initializers.get('w')!)], [1]);
  });

  test('never collide, even where a file sets out to make them', () => {
    const opened = open(
      model([
        node('Relu', ['x'], ['a'], { name: 'b' }),
        node('Relu', ['a'], ['b']),
        node('Relu', ['b'], ['b']),
      ]),
    );
    const names = mainOf(opened).nodes.map(({ name }) => name);
    assert.equal(new Set(names).size, 3);
  });

  test('of thousands of equal nodes are given in no time', () => {
    const many = join(...Array.from({ length: 20_000 }, () => node('Relu', ['x'], ['y'])));
    const started = performance.now();
    const names = mainOf(open(model([many]))).nodes.map(({ name }) => name);
    assert.equal(new Set(names).size, 20_000);
    assert.ok(performance.now() - started < 5000);
  });

  test('that are no UTF-8 are refused, as two of them could become one', () => {
    const bad = sub(1, sub(1, [0xff]), text(2, 'y'), text(4, 'Relu'));
    assert.throws(() => open(model([bad])), /no UTF-8/);
    const good = node('Relu', ['\uFFFD'], ['y']);
    assert.deepEqual(mainOf(open(model([good]))).nodes[0]!.inputs, ['\uFFFD']);
  });
});
