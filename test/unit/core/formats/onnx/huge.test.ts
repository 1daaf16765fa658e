import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnsupportedModelError } from '../../../../../src/core/errors';
import { foldPair } from '../../../../../src/core/folding/foldPair';
import { openOnnx } from '../../../../../src/core/formats/onnx/openOnnx';
import type { GraphNetwork } from '../../../../../src/core/model/network';
import { memoryFiles } from '../../../../support/memoryFiles';
import { convAndBn, int, join, sub, text, varint } from '../../../../support/onnxBytes';
import { pairOf } from '../../../../support/onnxPair';
import { SparseSource } from '../../../../support/sparseSource';

const GRAPH = 7;
const tagOf = (field: number): Uint8Array => varint(field * 8 + 2);

test('a file above 4 GiB opens by its structure, weights behind the gigabytes included', () => {
  const count = 2 ** 30;
  const head = join(int(1, count), int(2, 1), text(8, 'w'), [0x4a], varint(4 * count));
  const tensor = join(tagOf(5), varint(head.length + 4 * count), head);
  const { nodes, parameters } = convAndBn('a', 'x', 'y');
  const rest = join(...nodes, ...parameters);
  const source = new SparseSource()
    .append(join(int(1, 8), tagOf(GRAPH), varint(tensor.length + 4 * count + rest.length), tensor))
    .appendZeros(4 * count)
    .append(join(rest, sub(8, int(2, 17))));
  const opened = openOnnx(source, memoryFiles());
  const [main] = (opened.network as GraphNetwork).graphs;
  assert.equal(main!.nodes.length, 2);
  assert.deepEqual(main!.initializers.get('w')!.shape, [count]);
  assert.deepEqual([...opened.readValues(main!.initializers.get('a.weight')!)], [0.75, -1.25]);
  assert.ok(source.bytesRead < 10_000);
});

test('a fused model that would pass 2 GiB is refused, as no reader takes it', () => {
  const { nodes, parameters } = convAndBn('a', 'x', 'y');
  const graph = join(...parameters, ...nodes);
  const count = 2 ** 29 - 1024;
  const head = join(int(1, count), int(2, 1), text(8, 'pad'), [0x4a], varint(4 * count));
  const pad = join(tagOf(5), varint(head.length + 4 * count), head);
  const withFiller = (filler: number): SparseSource =>
    new SparseSource()
      .append(join(int(1, 8), sub(8, int(2, 17)), sub(99, new Uint8Array(filler))))
      .append(join(tagOf(GRAPH), varint(graph.length + pad.length + 4 * count), graph, pad))
      .appendZeros(4 * count);
  const limit = 2 ** 31 - 1;
  const source = withFiller(limit - 2 - withFiller(0).sizeBytes);
  assert.ok(source.sizeBytes <= limit && source.sizeBytes > limit - 10);
  const opened = openOnnx(source, memoryFiles());
  // A copy of the weight under a longer name: a few bytes more.
  const pair = { ...pairOf(opened, 'a.conv', 'a.bn'), copiesWeight: true };
  const plan = (): unknown =>
    opened.plan([foldPair(opened, pair)], { mode: 'drop-in', outputName: 'x.onnx' });
  assert.throws(plan, UnsupportedModelError);
});
