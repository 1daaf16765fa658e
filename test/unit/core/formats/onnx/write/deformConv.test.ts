import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '../../../../../../src/core/bytes/byteSource';
import { foldPair } from '../../../../../../src/core/folding/foldPair';
import { openOnnx } from '../../../../../../src/core/formats/onnx/openOnnx';
import { findGraphPairs } from '../../../../../../src/core/pairing/graph/findGraphPairs';
import { executePlan } from '../../../../../support/executePlan';
import { memoryFiles } from '../../../../../support/memoryFiles';
import { initializer, input, model, node, output } from '../../../../../support/onnxBytes';
import { constantOf, nodeOf } from '../../../../../support/onnxPair';

test('a deformable convolution gets its bias behind the offsets, which stay', () => {
  const vector = (name: string, values: readonly number[]): Uint8Array =>
    initializer(name, [2], values);
  const bytes = model(
    [
      node('DeformConv', ['x', 'w', 'offset'], ['c'], { name: 'dcn' }),
      node('BatchNormalization', ['c', 'g', 'b', 'm', 'v'], ['y'], { name: 'bn' }),
      initializer('w', [2, 1, 1, 1], [0.5, -1]),
      ...['g', 'b', 'm', 'v'].map((name) => vector(name, [1, 2])),
      input('x', [1, 1, 4, 4]),
      input('offset', [1, 2, 4, 4]),
      output('y'),
    ],
    { opset: 19 },
  );
  const opened = openOnnx(new MemorySource(bytes), memoryFiles({}));
  const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
  const folds = findGraphPairs(opened, options).pairs.map((pair) => foldPair(opened, pair));
  const plan = opened.plan(folds, { mode: 'fold', outputName: 'fused.onnx' });
  const fused = executePlan(plan, opened.sources).get('fused.onnx')!;
  const reopened = openOnnx(new MemorySource(fused), memoryFiles({}));
  const { inputs, outputs } = nodeOf(reopened, 'dcn');
  assert.deepEqual(inputs.slice(0, 3), ['x', 'w', 'offset']);
  assert.deepEqual(outputs, ['y']);
  assert.deepEqual(constantOf(reopened, inputs[3]!)?.shape, [2]);
});
