import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../../../../src/core/errors';
import { openOnnx } from '../../../../../src/core/formats/onnx/openOnnx';
import type { Graph, GraphNetwork, GraphNode } from '../../../../../src/core/model/network';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import { memoryFiles } from '../../../../support/memoryFiles';
import {
  attribute,
  initializer,
  input,
  int,
  join,
  model,
  node,
  output,
  raw,
  sub,
  tensorProto,
  text,
  value,
  valueInfo,
  varint,
  type Bytes,
} from '../../../../support/onnxBytes';

function open(bytes: Uint8Array): OpenedModel {
  return openOnnx(new MemorySource(bytes), memoryFiles());
}

function networkOf(opened: OpenedModel): GraphNetwork {
  return opened.network as GraphNetwork;
}

function mainOf(opened: OpenedModel): Graph {
  return networkOf(opened).graphs[0]!;
}

/** Values of the only initializer, whose TensorProto has this payload. */
function valuesOf(
  type: Parameters<typeof tensorProto>[2],
  dims: readonly number[],
  ...payload: readonly Bytes[]
): number[] {
  const opened = open(model([sub(5, tensorProto('w', dims, type, ...payload))]));
  return [...opened.readValues(mainOf(opened).initializers.get('w')!)];
}

const floats = (...values: number[]): Uint8Array =>
  new Uint8Array(Float32Array.from(values).buffer);
const doubles = (...values: number[]): Uint8Array =>
  new Uint8Array(Float64Array.from(values).buffer);

describe('an initializer', () => {
  test('is found as raw data, by its place and without reading it', () => {
    const opened = open(model([initializer('w', [2, 2], [1, 2, 3, 4])]));
    const tensor = mainOf(opened).initializers.get('w')!;
    assert.equal(tensor.name, 'w');
    assert.equal(tensor.dtype, 'f32');
    assert.deepEqual(tensor.shape, [2, 2]);
    assert.deepEqual(tensor.strides, [2, 1]);
    assert.equal(tensor.location.kind, 'range');
    assert.deepEqual([...opened.readValues(tensor)], [1, 2, 3, 4]);
  });

  test('of packed float_data or double_data is a range of the file too', () => {
    const opened = open(model([sub(5, tensorProto('w', [2], 'f32', sub(4, floats(1.5, -2))))]));
    const tensor = mainOf(opened).initializers.get('w')!;
    assert.equal(tensor.location.kind, 'range');
    assert.deepEqual([...opened.readValues(tensor)], [1.5, -2]);
    assert.deepEqual(valuesOf('f64', [2], sub(10, doubles(0.1, 7))), [0.1, 7]);
  });

  test('of unpacked or scattered float_data is decoded', () => {
    const one = (number: number): Uint8Array => join([4 * 8 + 5], floats(number));
    assert.deepEqual(valuesOf('f32', [3], one(1), one(2), one(3)), [1, 2, 3]);
    assert.deepEqual(valuesOf('f32', [3], sub(4, floats(1)), sub(4, floats(2, 3))), [1, 2, 3]);
  });

  test('of float16 and bfloat16 may keep its bits in int32_data', () => {
    const bits = join(varint(0x3c00), varint(0xc000));
    assert.deepEqual(valuesOf('f16', [2], sub(5, bits)), [1, -2]);
    assert.deepEqual(valuesOf('f16', [2], int(5, 0x3c00), int(5, 0xc000)), [1, -2]);
    assert.deepEqual(valuesOf('bf16', [1], sub(5, varint(0x3f80))), [1]);
  });

  test('of integers is decoded from its typed field, negative numbers too', () => {
    assert.deepEqual(valuesOf('i64', [2], sub(7, varint(-3), varint(2 ** 40))), [-3, 2 ** 40]);
    assert.deepEqual(valuesOf('i32', [2], sub(5, varint(-3), varint(70000))), [-3, 70000]);
    assert.deepEqual(valuesOf('i8', [1], sub(5, varint(-3))), [-3]);
    assert.deepEqual(valuesOf('u8', [1], sub(5, varint(250))), [250]);
    assert.deepEqual(valuesOf('bool', [2], sub(5, [1, 0])), [1, 0]);
  });

  test('may be a scalar, may be empty, may have its dims packed', () => {
    assert.deepEqual(valuesOf('f32', [], raw([5])), [5]);
    assert.deepEqual(valuesOf('f32', [0]), []);
    const packed = sub(5, sub(1, [2, 1]), int(2, 1), text(8, 'w'), raw([1, 2]));
    assert.deepEqual(mainOf(open(model([packed]))).initializers.get('w')!.shape, [2, 1]);
  });

  test('without values is known by shape, and says why it cannot be read', () => {
    const opened = open(model([sub(5, tensorProto('w', [2], 'f32'))]));
    const tensor = mainOf(opened).initializers.get('w')!;
    assert.equal(tensor.location.kind, 'absent');
    assert.throws(() => opened.readValues(tensor), /holds no values/);
  });

  test('with too few or too many typed values is refused when it is read', () => {
    assert.throws(() => valuesOf('i64', [3], sub(7, varint(2 ** 40))), ModelFormatError);
    assert.throws(() => valuesOf('i64', [1], sub(7, varint(1), varint(2))), ModelFormatError);
  });

  test('of strings has no numbers', () => {
    const opened = open(model([sub(5, tensorProto('w', [1], 'string', text(6, 'a')))]));
    const tensor = mainOf(opened).initializers.get('w')!;
    assert.equal(tensor.dtype, 'other');
    assert.throws(() => opened.readValues(tensor), ModelFormatError);
  });
});

describe('a node', () => {
  const only = (...fields: readonly Bytes[]): GraphNode => mainOf(open(model(fields))).nodes[0]!;

  test('carries its attributes by kind', () => {
    const { attributes } = only(
      node('Thing', ['x', '', 'z'], ['y'], {
        more: [
          attribute.int('i', -1),
          attribute.float('f', 1e-3),
          attribute.string('s', 'größe'),
          attribute.ints('is', [3, 3]),
          attribute.floats('fs', [0.5]),
          attribute.tensor('t', tensorProto('', [1], 'f32', raw([9]))),
          attribute.reference('r', 'outer'),
          attribute.graph('g'),
        ],
      }),
    );
    assert.deepEqual(attributes.get('i'), { kind: 'int', value: -1 });
    assert.deepEqual(attributes.get('f'), { kind: 'float', value: 0.0010000000474974513 });
    assert.deepEqual(attributes.get('s'), { kind: 'string', value: 'größe' });
    assert.deepEqual(attributes.get('is'), { kind: 'ints', value: [3, 3] });
    assert.deepEqual(attributes.get('fs'), { kind: 'floats', value: [0.5] });
    assert.equal(attributes.get('t')?.kind, 'tensor');
    assert.deepEqual(attributes.get('r'), { kind: 'ref', value: 'outer' });
    assert.deepEqual(attributes.get('g'), { kind: 'other' });
  });

  test('takes packed lists and attributes without a type, as the first IR version wrote them', () => {
    const { attributes } = only(
      node('Thing', [], ['y'], {
        more: [
          sub(5, text(1, 'is'), sub(8, varint(3), varint(5))),
          sub(5, text(1, 'f'), join([2 * 8 + 5], floats(2))),
        ],
      }),
    );
    assert.deepEqual(attributes.get('is'), { kind: 'ints', value: [3, 5] });
    assert.deepEqual(attributes.get('f'), { kind: 'float', value: 2 });
  });

  test('has no value for an attribute that stands twice, as runtimes take one or the other', () => {
    const twice = [attribute.float('epsilon', 1e-3), attribute.float('epsilon', 0.5)];
    const opened = open(model([node('BatchNormalization', [], ['y'], { more: twice })]));
    const [bn] = mainOf(opened).nodes;
    assert.deepEqual(bn!.attributes.get('epsilon'), { kind: 'other' });
    const values = [
      attribute.tensor('value', tensorProto('', [1], 'f32', raw([1]))),
      attribute.tensor('value', tensorProto('', [1], 'f32', raw([2]))),
    ];
    const constant = open(model([node('Constant', [], ['c'], { more: values })]));
    assert.equal(mainOf(constant).nodes[0]!.constant, undefined);
  });

  test('keeps absent inputs in their places and names the default domain one way', () => {
    const thing = only(node('Conv', ['x', '', 'b'], ['y'], { domain: 'ai.onnx' }));
    assert.deepEqual(thing.inputs, ['x', '', 'b']);
    assert.equal(thing.domain, '');
  });

  test('with an embedded engine of a megabyte is read without it', () => {
    const blob = new Uint8Array(2 ** 20);
    const thing = only(
      node('EPContext', ['x'], ['y'], {
        domain: 'com.microsoft',
        more: [sub(5, text(1, 'cache'), sub(4, blob), int(20, 3)), attribute.int('main', 1)],
      }),
    );
    assert.deepEqual(thing.attributes.get('cache'), { kind: 'other' });
    assert.deepEqual(thing.attributes.get('main'), { kind: 'int', value: 1 });
  });
});

describe('a Constant', () => {
  const constant = (...more: readonly Bytes[]): { opened: OpenedModel; node: GraphNode } => {
    const opened = open(model([node('Constant', [], ['k'], { more })]));
    return { opened, node: mainOf(opened).nodes[0]! };
  };

  test('gives its tensor under the name of its output', () => {
    const proto = tensorProto('inner', [2], 'f32', raw([1, 2]));
    const { opened, node: found } = constant(attribute.tensor('value', proto));
    assert.equal(found.constant?.name, 'k');
    assert.deepEqual([...opened.readValues(found.constant)], [1, 2]);
  });

  test('gives plain numbers as a tensor as well', () => {
    const read = (more: Uint8Array): { shape: readonly number[]; values: number[] } => {
      const { opened, node: found } = constant(more);
      return { shape: found.constant!.shape, values: [...opened.readValues(found.constant!)] };
    };
    assert.deepEqual(read(attribute.float('value_float', 2.5)), { shape: [], values: [2.5] });
    assert.deepEqual(read(attribute.floats('value_floats', [1, 2])), {
      shape: [2],
      values: [1, 2],
    });
    assert.deepEqual(read(attribute.int('value_int', -7)), { shape: [], values: [-7] });
    assert.deepEqual(read(attribute.ints('value_ints', [4, -5])), { shape: [2], values: [4, -5] });
  });

  test('of strings or of a sparse value is none', () => {
    assert.equal(constant(attribute.string('value_string', 'a')).node.constant, undefined);
    const sparse = sub(5, text(1, 'sparse_value'), sub(22, sub(1, raw([1]))), int(20, 11));
    const { node: found } = constant(sparse);
    assert.equal(found.constant, undefined);
    assert.deepEqual(found.attributes.get('sparse_value'), { kind: 'other' });
  });
});

describe('a model', () => {
  test('tells its opsets, its IR version and its producer', () => {
    const opened = open(
      join(
        int(1, 7),
        text(2, 'pytorch'),
        text(3, '2.1'),
        sub(8, text(1, 'ai.onnx'), int(2, 11)),
        sub(8, text(1, 'com.acme'), int(2, 3)),
        sub(7),
      ),
    );
    assert.equal(opened.format, 'onnx');
    assert.equal(opened.producer, 'pytorch 2.1');
    assert.deepEqual(Object.fromEntries(opened.opsets), { '': 11, 'com.acme': 3 });
    assert.equal(networkOf(opened).irVersion, 7);
  });

  test('declares inputs, outputs and values with symbolic, unknown and missing shapes', () => {
    const unknownDim = sub(13, text(1, 'u'), sub(2, sub(1, int(1, 1), sub(2, sub(1)))));
    const { inputs, outputs, values } = mainOf(
      open(
        model([
          input('x', ['batch', 3]),
          output('y'),
          valueInfo('v', []),
          unknownDim,
          sub(13, text(1, 'sequence'), sub(2, sub(4))),
        ]),
      ),
    );
    assert.deepEqual(inputs, [{ name: 'x', elementType: 'float', shape: ['batch', 3] }]);
    assert.deepEqual(outputs, [{ name: 'y', elementType: 'float', shape: null }]);
    assert.deepEqual(values.get('v')?.shape, []);
    assert.deepEqual(values.get('u')?.shape, [null]);
    assert.equal(values.get('sequence')?.elementType, null);
  });

  test('tells which values its graphs for training read', () => {
    const algorithm = sub(2, node('Neg', ['c'], ['next']), output('next'));
    const bindings = sub(4, text(1, 'w'), text(2, 'next'));
    const opened = open(model([], { more: [sub(20, join(algorithm, bindings))] }));
    assert.deepEqual(mainOf(opened).readElsewhere, ['w', 'c', 'next']);
    assert.equal(mainOf(open(model([]))).readElsewhere, undefined);
  });

  test('has its functions as graphs of their own, with their opsets', () => {
    const body = sub(
      25,
      text(1, 'Block'),
      text(4, 'x'),
      text(5, 'y'),
      node('Relu', ['x'], ['y'], { field: 7 }),
      value(12, 'x', [1]),
      sub(9, text(1, ''), int(2, 12)),
      text(10, 'com.acme'),
    );
    const [main, block] = networkOf(open(model([], { more: [body] }))).graphs;
    assert.equal(main!.kind, 'main');
    assert.equal(block!.kind, 'function');
    assert.equal(block!.scope, 'com.acme:Block');
    assert.deepEqual(
      block!.inputs.map(({ name }) => name),
      ['x'],
    );
    assert.deepEqual(
      block!.outputs.map(({ name }) => name),
      ['y'],
    );
    assert.equal(block!.opsets?.get(''), 12);
    assert.equal(block!.nodes[0]!.opType, 'Relu');
    assert.deepEqual(block!.values.get('x')?.shape, [1]);
  });

  test('of NVIDIA’s sparse exporter opens with its own attributes', () => {
    const opened = open(
      join(
        int(1, 6),
        sub(
          7,
          sub(5, tensorProto('spconv0.weight', [2, 1, 1, 1, 1], 'f16', sub(9, [0, 60, 0, 60]))),
          sub(5, tensorProto('spconv0.bias', [2], 'f16', sub(9, [0, 0, 0, 0]))),
          node('SparseConvolution', ['0', 'spconv0.weight', 'spconv0.bias'], ['1'], {
            name: 'conv0',
            more: [attribute.string('activation', 'ReLU'), attribute.int('ndim', 3)],
          }),
          node('Reshape', ['1'], ['2'], { more: [attribute.ints('dims', [1, 2, 3])] }),
        ),
        sub(8, text(1, 'ai.onnx'), int(2, 11)),
      ),
    );
    const [conv, reshape] = mainOf(opened).nodes;
    assert.equal(opened.opsets.get(''), 11);
    assert.equal(conv!.domain, '');
    assert.deepEqual(conv!.attributes.get('activation'), { kind: 'string', value: 'ReLU' });
    assert.deepEqual(reshape!.attributes.get('dims'), { kind: 'ints', value: [1, 2, 3] });
    assert.deepEqual(mainOf(opened).initializers.get('spconv0.weight')!.shape, [2, 1, 1, 1, 1]);
  });
});

test('reads a file of 80 MB by less than a permille', () => {
  const heavy = 20;
  const count = 2 ** 20;
  const payload = new Uint8Array(4 * count);
  const parts = Array.from({ length: heavy }, (_, idx) => [
    sub(5, tensorProto(`w${idx}`, [count], 'f32', sub(9, payload))),
    node('Conv', ['x', `w${idx}`], [`y${idx}`]),
  ]);
  const source = new MemorySource(model(parts.flat()));
  const opened = openOnnx(source, memoryFiles());
  assert.equal(mainOf(opened).initializers.size, heavy);
  assert.ok(source.sizeBytes > heavy * 4 * count);
  assert.ok(source.bytesRead < source.sizeBytes / 1000, `${source.bytesRead} bytes were read`);
});

test('says what stands in the place of a model', () => {
  assert.throws(() => open(new Uint8Array()), /is empty/);
  const pointer = new TextEncoder().encode(
    'version https://git-lfs.github.com/spec/v1\noid sha256:0',
  );
  assert.throws(() => open(pointer), /Git LFS pointer/);
  assert.throws(() => open(int(1, 8)), /holds no graph/);
  assert.throws(() => open(join(sub(7), sub(7))), /two graphs/);
});
