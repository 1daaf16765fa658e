import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemorySource } from '../../../../../../src/core/bytes/byteSource';
import { encodeFloats } from '../../../../../../src/core/bytes/floats';
import { foldPair } from '../../../../../../src/core/folding/foldPair';
import { openOnnx } from '../../../../../../src/core/formats/onnx/openOnnx';
import type { OpenedModel } from '../../../../../../src/core/model/openedModel';
import { fuse, FUSED } from '../../../../../support/fuseOnnx';
import { memoryFiles } from '../../../../../support/memoryFiles';
import {
  attribute,
  convAndBn,
  initializer,
  input,
  model,
  node,
  output,
  sub,
  tensorProto,
  type Bytes,
} from '../../../../../support/onnxBytes';
import { allGraphs, constantOf, nodeOf, pairOf } from '../../../../../support/onnxPair';

function open(fields: readonly Bytes[]): OpenedModel {
  return openOnnx(
    new MemorySource(model([input('x', [1, 1, 4, 4]), output('y'), ...fields])),
    memoryFiles(),
  );
}

/** The BatchNormalization's parameters: scale, B, mean, var. */
function parameters(opened: OpenedModel, name = 'a.bn'): number[][] {
  return nodeOf(opened, name)
    .inputs.slice(1)
    .map((value) => [...opened.readValues(constantOf(opened, value)!)]);
}

const near = (value: number): number => Math.fround(1 - Math.fround(value));
const pair = convAndBn('a', 'x', 'y', { bias: true });

describe('drop-in', () => {
  test('keeps every node and name, and leaves the BatchNormalization only the shift', () => {
    const opened = open([...pair.parameters, ...pair.nodes]);
    const { model: after } = fuse(opened, 'drop-in');
    const [before, now] = [opened, after].map((one) => allGraphs(one)[0]!);
    assert.deepEqual(
      now!.nodes.map(({ name, inputs, outputs }) => [name, inputs, outputs]),
      before!.nodes.map(({ name, inputs, outputs }) => [name, inputs, outputs]),
    );
    assert.deepEqual([...now!.initializers.keys()], [...before!.initializers.keys()]);
    const bias = foldPair(opened, pairOf(opened, 'a.conv', 'a.bn')).bias;
    const [scale, shift, mean, variance] = parameters(after);
    assert.deepEqual(scale, [1, 1]);
    assert.deepEqual(shift, [...bias].map(Math.fround));
    assert.deepEqual(mean, [0, 0]);
    assert.deepEqual(variance, [near(1e-3), near(1e-3)]);
    const convBias = after.readValues(constantOf(after, 'a.bias')!);
    assert.deepEqual([...convBias], [0, 0]);
  });

  test('gives a convolution without bias none', () => {
    const bare = convAndBn('a', 'x', 'y');
    const { model: after } = fuse(open([...bare.parameters, ...bare.nodes]), 'drop-in');
    assert.deepEqual(nodeOf(after, 'a.conv').inputs, ['x', 'a.weight']);
  });

  test('makes private copies of parameters that are one initializer', () => {
    const bare = convAndBn('a', 'x', 'y');
    const bn = node('BatchNormalization', ['a_out', 'ones', 'zeros', 'zeros', 'ones'], ['y'], {
      name: 'a.bn',
    });
    const opened = open([
      bare.parameters[0]!,
      initializer('ones', [2], [1, 1]),
      initializer('zeros', [2], [0, 0]),
      bare.nodes[0]!,
      bn,
      node('Neg', ['zeros'], ['n']),
      output('n'),
    ]);
    const { model: after } = fuse(opened, 'drop-in');
    const names = nodeOf(after, 'a.bn').inputs.slice(1);
    assert.equal(new Set(names).size, 4);
    const [scale, , mean, variance] = parameters(after);
    assert.deepEqual(
      [scale, mean],
      [
        [1, 1],
        [0, 0],
      ],
    );
    assert.deepEqual(variance, [near(1e-5), near(1e-5)]);
    assert.deepEqual([...after.readValues(constantOf(after, 'zeros')!)], [0, 0]);
  });

  test('stays positive where eps is as large as one', () => {
    const bare = convAndBn('a', 'x', 'y');
    const bn = node(
      'BatchNormalization',
      ['a_out', 'a.bn.gamma', 'a.bn.beta', 'a.bn.mean', 'a.bn.var'],
      ['y'],
      { name: 'a.bn', more: [attribute.float('epsilon', 3)] },
    );
    const { model: after } = fuse(open([...bare.parameters, bare.nodes[0]!, bn]), 'drop-in');
    const [scale, , , variance] = parameters(after);
    assert.deepEqual(scale, [2, 2]);
    assert.deepEqual(variance, [1, 1]);
  });

  test('takes constants between the two out, as the weight holds them already', () => {
    const bare = convAndBn('a', 'x', 'y');
    const bn = node(
      'BatchNormalization',
      ['scaled', 'a.bn.gamma', 'a.bn.beta', 'a.bn.mean', 'a.bn.var'],
      ['y'],
      { name: 'a.bn' },
    );
    const opened = open([
      ...bare.parameters,
      bare.nodes[0]!,
      initializer('factor', [2, 1, 1], [2, 3]),
      node('Mul', ['a_out', 'factor'], ['scaled'], { name: 'mul' }),
      bn,
    ]);
    const { model: after } = fuse(opened, 'drop-in');
    const main = allGraphs(after)[0]!;
    assert.deepEqual(
      main.nodes.map(({ opType }) => opType),
      ['Conv', 'BatchNormalization'],
    );
    assert.equal(nodeOf(after, 'a.bn').inputs[0], 'a_out');
    assert.ok(!main.initializers.has('factor'));
  });

  test('keeps a BatchNorm between as an identity, and takes out what lies around it', () => {
    const first = convAndBn('a', 'x', 'n');
    const vectors = ['gamma', 'beta', 'mean', 'var'].map((role) => `a.bn.${role}`);
    const opened = open([
      ...first.parameters,
      ...first.nodes,
      initializer('factor', [2, 1, 1], [2, 3]),
      node('Mul', ['n', 'factor'], ['scaled'], { name: 'mul' }),
      node('BatchNormalization', ['scaled', ...vectors], ['y'], { name: 'b.bn' }),
    ]);
    const { model: after } = fuse(opened, 'drop-in');
    assert.deepEqual(
      allGraphs(after)[0]!.nodes.map(({ name, inputs, outputs }) => [name, inputs[0], ...outputs]),
      [
        ['a.conv', 'x', 'a_out'],
        ['a.bn', 'a_out', 'n'],
        ['b.bn', 'n', 'y'],
      ],
    );
    const [scale, shift, mean, variance] = parameters(after);
    assert.deepEqual([scale, shift, mean], [[1, 1], [0, 0], [0, 0]]); // prettier-ignore
    assert.deepEqual(variance, [near(1e-3), near(1e-3)]);
    assert.notDeepEqual(parameters(after, 'b.bn')[1], [0, 0]);
  });

  test('stores vectors that are narrower than the convolution in its own type: 1 − eps needs it', () => {
    const half = (name: string, values: readonly number[]): Uint8Array => {
      const bits = encodeFloats(Float64Array.from(values), 'f16');
      return sub(5, tensorProto(name, [2], 'f16', sub(9, bits)));
    };
    const [weight = new Uint8Array()] = convAndBn('a', 'x', 'y').parameters;
    const vectors = [
      half('a.bn.gamma', [1.5, -0.5]),
      half('a.bn.beta', [0.125, 2]),
      half('a.bn.mean', [-0.25, 0.75]),
      half('a.bn.var', [0.875, 0.0625]),
    ];
    const opened = open([weight, ...vectors, ...convAndBn('a', 'x', 'y').nodes]);
    const { model: after } = fuse(opened, 'drop-in');
    const { bias } = foldPair(opened, pairOf(opened, 'a.conv', 'a.bn'));
    assert.deepEqual(parameters(after), [
      [1, 1],
      [...bias].map(Math.fround),
      [0, 0],
      [near(1e-3), near(1e-3)],
    ]);
    const types = nodeOf(after, 'a.bn').inputs.slice(1);
    assert.deepEqual(
      types.map((name) => constantOf(after, name)!.dtype),
      ['f32', 'f32', 'f32', 'f32'],
    );
    // The narrow ones are gone.
    assert.equal(allGraphs(after)[0]!.initializers.size, 5);
  });

  test('checks the shift as the BatchNormalization stores it', () => {
    const opened = open([...pair.parameters, ...pair.nodes]);
    const fold = foldPair(opened, pairOf(opened, 'a.conv', 'a.bn'));
    const plan = opened.plan([fold], { mode: 'drop-in', outputName: FUSED });
    const [piece] = plan.files[0]!.pieces.filter(({ kind }) => kind === 'fold');
    assert.ok(piece?.kind === 'fold');
    assert.deepEqual([...piece.check.storedBias], [...fold.bias].map(Math.fround));
  });
});
