import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RequestError } from '../../../../../../src/core/errors';
import { foldPair } from '../../../../../../src/core/folding/foldPair';
import { fuse, FUSED } from '../../../../../support/fuseOnnx';
import {
  attribute,
  convAndBn,
  initializer,
  input,
  join,
  node,
  output,
  raw,
  sub,
  tensorProto,
  text,
  valueInfo,
} from '../../../../../support/onnxBytes';
import {
  foldedBias,
  foldedWeight,
  fused,
  initializersOf,
  mainOf,
  open,
  readInput,
  scale,
} from '../../../../../support/onnxFold';
import { allGraphs, nodeOf, pairOf } from '../../../../../support/onnxPair';

const plain = convAndBn('a', 'x', 'y');
const withBias = convAndBn('a', 'x', 'y', { bias: true });

describe('a fold', () => {
  test('puts the scaled weight in its place and a new bias beside it', () => {
    const result = fused([...plain.parameters, ...plain.nodes]);
    const [conv, ...rest] = mainOf(result).nodes;
    assert.deepEqual(rest, []);
    assert.deepEqual(conv!.inputs, ['x', 'a.weight', 'a.bias']);
    assert.deepEqual(conv!.outputs, ['y']);
    assert.deepEqual(initializersOf(mainOf(result)), ['a.weight', 'a.bias']);
    assert.deepEqual(readInput(result, conv!, 1), foldedWeight);
    assert.deepEqual(readInput(result, conv!, 2), foldedBias([0, 0]));
  });

  test('puts the new bias in the place of the old one', () => {
    const result = fused([...withBias.parameters, ...withBias.nodes]);
    assert.deepEqual(initializersOf(mainOf(result)), ['a.weight', 'a.bias']);
    assert.deepEqual(
      readInput(result, nodeOf(result.model, 'a.conv'), 2),
      foldedBias([0.5, -0.25]),
    );
  });

  test('takes an absent third input for no bias', () => {
    const nodes = [
      node('Conv', ['x', 'a.weight', ''], ['a_out'], { name: 'a.conv' }),
      plain.nodes[1]!,
    ];
    const result = fused([...plain.parameters, ...nodes]);
    assert.deepEqual(nodeOf(result.model, 'a.conv').inputs, ['x', 'a.weight', 'a.bias']);
  });

  test('carries its check: the unfolded numbers and the bias as it will be stored', () => {
    const opened = open([...plain.parameters, ...plain.nodes]);
    const fold = foldPair(opened, pairOf(opened, 'a.conv', 'a.bn'));
    const plan = opened.plan([fold], { mode: 'fold', outputName: FUSED });
    const [piece] = plan.files[0]!.pieces.filter(({ kind }) => kind === 'fold');
    assert.equal(piece?.kind, 'fold');
    assert.equal(piece.id, 'a.conv');
    assert.equal(piece.check.reference, fold.reference);
    assert.deepEqual([...piece.check.storedBias], foldedBias([0, 0]));
  });

  test('gives no new name that any graph has already, inside subgraphs too', () => {
    const branch = [node('Relu', ['x'], ['a.bias_1']), output('a.bias_1')];
    const result = fused([
      ...plain.parameters,
      ...plain.nodes,
      initializer('a.bias', [1], [7]),
      node('If', ['y'], ['z'], { more: [attribute.graph('then_branch', ...branch)] }),
      node('Neg', ['a.bias'], ['n'], { name: 'a.bias_2' }),
    ]);
    assert.equal(nodeOf(result.model, 'a.conv').inputs[2], 'a.bias_3');
  });

  test('forgets the types and annotations of values that are gone, and no others', () => {
    const annotation = (name: string, parameter: string): Uint8Array =>
      sub(14, text(1, name), sub(2, text(1, 'SCALE_TENSOR'), text(2, parameter)));
    const result = fused([
      ...plain.parameters,
      ...plain.nodes,
      initializer('of_middle', [1], [1]),
      initializer('of_y', [1], [1]),
      valueInfo('a_out', [1, 2, 4, 4]),
      valueInfo('y', [1, 2, 4, 4]),
      valueInfo('unused', [1]),
      annotation('a_out', 'of_middle'),
      annotation('y', 'of_y'),
    ]);
    const main = mainOf(result);
    assert.deepEqual([...main.values.keys()], ['y', 'unused']);
    assert.deepEqual(initializersOf(main), ['a.weight', 'of_y', 'a.bias']);
  });

  test('keeps parameters of the BatchNormalization that something else reads', () => {
    const result = fused([
      ...plain.parameters,
      ...plain.nodes,
      node('Neg', ['a.bn.mean'], ['n']),
      output('n'),
    ]);
    assert.deepEqual(initializersOf(mainOf(result)), ['a.weight', 'a.bn.mean', 'a.bias']);
  });

  test('is refused where the convolution’s output has another reader', () => {
    const opened = open([...plain.parameters, ...plain.nodes, node('Neg', ['a_out'], ['n'])]);
    const fold = foldPair(opened, pairOf(opened, 'a.conv', 'a.bn'));
    assert.throws(
      () => opened.plan([fold], { mode: 'fold', outputName: FUSED }),
      (error) => error instanceof RequestError && error.code === 'PAIR_NOT_ALONE',
    );
  });

  test('is refused for a pair the file does not have', () => {
    const other = convAndBn('b', 'y', 'z');
    const opened = open([
      ...plain.parameters,
      ...plain.nodes,
      node('Relu', ['y'], ['r']),
      ...other.parameters,
      ...other.nodes,
    ]);
    const pair = pairOf(opened, 'a.conv', 'b.bn');
    assert.throws(
      () => opened.plan([foldPair(opened, pair)], { mode: 'fold', outputName: FUSED }),
      (error) => error instanceof RequestError && error.code === 'PAIR_UNKNOWN',
    );
  });
});

describe('a shared weight', () => {
  const first = convAndBn('a', 'x', 'ya', { weight: 'w' });
  const second = convAndBn('b', 'x', 'yb', { weight: 'w' });
  const weight = initializer('w', [2, 1, 1, 1], [0.75, -1.25]);
  const both = [weight, ...first.parameters, ...second.parameters];

  test('stays for the reader that does not fold, and the fold gets a copy', () => {
    const result = fused([
      ...both,
      ...first.nodes,
      node('Conv', ['x', 'w'], ['y'], { name: 'bare' }),
      output('ya'),
    ]);
    assert.deepEqual(readInput(result, nodeOf(result.model, 'bare'), 1), [0.75, -1.25]);
    const conv = nodeOf(result.model, 'a.conv');
    assert.equal(conv.inputs[1], 'a.conv.weight');
    assert.deepEqual(readInput(result, conv, 1), foldedWeight);
  });

  test('goes when every reader has a copy of its own', () => {
    const result = fused([...both, ...first.nodes, ...second.nodes, output('ya'), output('yb')]);
    const names = initializersOf(mainOf(result)).toSorted();
    assert.deepEqual(names, ['a.conv.bias', 'a.conv.weight', 'b.conv.bias', 'b.conv.weight']);
  });

  test('is copied although the pair forgot to ask for it', () => {
    const opened = open([...both, ...first.nodes, ...second.nodes, output('ya'), output('yb')]);
    const { model: after } = fuse(opened, 'fold', [pairOf(opened, 'a.conv', 'a.bn')]);
    const untouched = allGraphs(after)[0]!.initializers.get('w')!;
    assert.deepEqual([...after.readValues(untouched)], [0.75, -1.25]);
  });
});

describe('a weight that is a Constant', () => {
  const [conv, bn] = convAndBn('a', 'x', 'y').nodes;
  const parameters = plain.parameters.slice(1);
  const proto = tensorProto('', [2, 1, 1, 1], 'f32', raw([0.75, -1.25]));
  const constant = node('Constant', [], ['a.weight'], {
    name: 'holder',
    more: [attribute.tensor('value', proto)],
  });

  test('is scaled inside its node', () => {
    const result = fused([...parameters, constant, conv!, bn!]);
    const holder = nodeOf(result.model, 'holder');
    assert.deepEqual([...result.model.readValues(holder.constant!)], foldedWeight);
    assert.equal(nodeOf(result.model, 'a.conv').inputs[1], 'a.weight');
  });

  test('behind an Identity is read directly, and the Identity goes', () => {
    const named = node('Constant', [], ['w0'], { more: [attribute.tensor('value', proto)] });
    const result = fused([
      ...parameters,
      named,
      node('Identity', ['w0'], ['a.weight']),
      conv!,
      bn!,
    ]);
    const types = mainOf(result).nodes.map(({ opType }) => opType);
    assert.deepEqual(types, ['Constant', 'Conv']);
    assert.deepEqual(readInput(result, nodeOf(result.model, 'a.conv'), 1), foldedWeight);
  });

  test('behind an Identity that others read too is copied', () => {
    const named = node('Constant', [], ['w0'], { more: [attribute.tensor('value', proto)] });
    const result = fused([
      ...parameters,
      named,
      node('Identity', ['w0'], ['a.weight']),
      conv!,
      bn!,
      node('Neg', ['a.weight'], ['n']),
      output('n'),
    ]);
    assert.equal(nodeOf(result.model, 'a.conv').inputs[1], 'a.conv.weight');
    assert.deepEqual(
      [...result.model.readValues(nodeOf(result.model, 'w0').constant!)],
      [0.75, -1.25],
    );
  });

  test('that is plain numbers serves as a bias, which moves to an initializer', () => {
    const result = fused([
      ...withBias.parameters.filter((_, idx) => idx !== 1),
      node('Constant', [], ['a.bias'], { more: [attribute.floats('value_floats', [0.5, -0.25])] }),
      ...withBias.nodes,
    ]);
    const found = nodeOf(result.model, 'a.conv');
    assert.deepEqual(readInput(result, found, 2), foldedBias([0.5, -0.25]));
    assert.deepEqual(
      mainOf(result).nodes.map(({ opType }) => opType),
      ['Conv'],
    );
  });
});

describe('a matrix product', () => {
  const statistics = plain.parameters.slice(1);
  const bn = plain.nodes[1]!;

  test('becomes a Gemm, which is a MatMul with a bias', () => {
    const fields = [
      initializer('w', [3, 2], [1, 2, 3, 4, 5, 6]),
      ...statistics,
      node('MatMul', ['x', 'w'], ['a_out'], { name: 'product' }),
      valueInfo('a_out', [1, 2]),
      bn,
    ];
    const opened = open([input('x', [1, 3]), output('y'), ...fields]);
    const product = nodeOf(fuse(opened).model, 'product');
    assert.equal(product.opType, 'Gemm');
    assert.deepEqual(product.inputs, ['x', 'w', 'product.bias']);
    assert.equal(product.attributes.size, 0);
  });

  test('before opset 7 says that its bias is broadcast', () => {
    const opened = open(
      [
        initializer('w', [3, 2], [1, 2, 3, 4, 5, 6]),
        ...statistics,
        node('MatMul', ['x', 'w'], ['a_out'], { name: 'product' }),
        bn,
      ],
      { opset: 6 },
    );
    const { model: after } = fuse(opened, 'fold', [pairOf(opened, 'product', 'a.bn')]);
    const { attributes } = nodeOf(after, 'product');
    assert.deepEqual(attributes.get('broadcast'), { kind: 'int', value: 1 });
  });
});

test('int8 ranges per channel of NVIDIA’s SparseConvolution grow with their channels', () => {
  const ranges = attribute.floats('weight_dynamic_ranges', [0.5, 2]);
  const opened = open([
    initializer('w', [2, 1, 1, 1, 1], [0.75, -1.25]),
    ...plain.parameters.slice(1),
    node('SparseConvolution', ['x', 'w'], ['a_out'], {
      name: 'conv0',
      more: [attribute.int('ndim', 3), ranges, attribute.string('precision', 'int8')],
    }),
    plain.nodes[1]!,
  ]);
  const { model: after } = fuse(opened, 'fold', [pairOf(opened, 'conv0', 'a.bn')]);
  const conv = nodeOf(after, 'conv0');
  const rescaled = [0.5, 2].map((range, channel) => Math.fround(range * Math.abs(scale[channel]!)));
  assert.deepEqual(conv.attributes.get('weight_dynamic_ranges'), {
    kind: 'floats',
    value: rescaled,
  });
  assert.deepEqual([...conv.attributes.keys()], ['ndim', 'weight_dynamic_ranges', 'precision']);
  assert.equal(conv.inputs.length, 3);
});

test('two BatchNorms in a row fold into one convolution', () => {
  const first = convAndBn('a', 'x', 'between');
  const second = convAndBn('b', '', 'y');
  const secondBn = node(
    'BatchNormalization',
    ['between', 'b.bn.gamma', 'b.bn.beta', 'b.bn.mean', 'b.bn.var'],
    ['y'],
    { name: 'b.bn', more: [attribute.float('epsilon', 1e-3)] },
  );
  const result = fused([
    ...first.parameters,
    ...second.parameters.slice(1),
    ...first.nodes,
    secondBn,
  ]);
  const [conv, ...rest] = mainOf(result).nodes;
  assert.deepEqual(rest, []);
  assert.deepEqual(conv!.outputs, ['y']);
  assert.deepEqual(initializersOf(mainOf(result)), ['a.weight', 'a.bias']);
  const twice = [0.75, -1.25].map((weight, channel) => Math.fround(weight * scale[channel]! ** 2));
  assert.deepEqual(readInput(result, conv!, 1), twice);
});

test('training keeps alive what it uses', () => {
  const algorithm = sub(2, node('Neg', ['a.bn.mean'], ['next']));
  const binding = sub(4, text(1, 'a.bn.var'), text(2, 'next'));
  const result = fused([...plain.parameters, ...plain.nodes], {
    more: [sub(20, join(algorithm, binding))],
  });
  assert.deepEqual(initializersOf(mainOf(result)), ['a.weight', 'a.bn.mean', 'a.bn.var', 'a.bias']);
});
