import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { MemorySource } from '../../../../../../src/core/bytes/byteSource';
import { openOnnx } from '../../../../../../src/core/formats/onnx/openOnnx';
import { fuse, openOnnxFile } from '../../../../../support/fuseOnnx';
import { memoryFiles } from '../../../../../support/memoryFiles';
import {
  convAndBn,
  input,
  int,
  join,
  model,
  output,
  raw,
  sub,
  tensorProto,
  varint,
} from '../../../../../support/onnxBytes';
import { projectPath } from '../../../../../support/root';
import { payloadOf, wireFields, type WireField } from '../../../../../support/wireFields';

/**
 * everything.onnx has unknown fields in the model, the graph, nodes, an attribute and a tensor, metadata, doc strings,
 * a custom operator, strings, a sparse initializer, quantization annotations and training information.
 */
const path = projectPath('test/fixtures/onnx/everything.onnx');
const original = new Uint8Array(readFileSync(path));
const { bytes: fused } = fuse(openOnnxFile(path));

const GRAPH = 7;
const NODE = 1;
const INITIALIZER = 5;
const VALUE_INFO = 13;
const ANNOTATION = 14;
const WEIGHT = 'stem.weight';
const GONE = [
  'node stem.bn',
  'initializer stem.bn.weight',
  'initializer stem.bn.bias',
  'initializer stem.bn.running_mean',
  'initializer stem.bn.running_var',
  'value stem_c',
  'annotation stem_c',
  // Only the annotation of the vanished value pointed at it.
  'initializer s1',
];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const textOf = (message: Uint8Array, number: number): string =>
  Buffer.from(payloadOf(message, number)).toString();

/** What a field of the graph is about. */
function label({ number, payload }: WireField): string {
  switch (number) {
    case NODE:
      return `node ${textOf(payload, 3)}`;
    case INITIALIZER:
      return `initializer ${textOf(payload, 8)}`;
    case VALUE_INFO:
      return `value ${textOf(payload, 1)}`;
    case ANNOTATION:
      return `annotation ${textOf(payload, 1)}`;
    default:
      return `field ${number}`;
  }
}

const graphFields = (bytes: Uint8Array): { label: string; field: WireField }[] =>
  wireFields(payloadOf(bytes, GRAPH)).map((field) => ({ label: label(field), field }));
const fieldOf = (bytes: Uint8Array, wanted: string): WireField =>
  graphFields(bytes).find((entry) => entry.label === wanted)!.field;

describe('of a file with everything in it, a fold', () => {
  test('leaves every field of the model beside the graph byte for byte', () => {
    const beside = (bytes: Uint8Array): string[] =>
      wireFields(bytes)
        .filter(({ number }) => number !== GRAPH)
        .map(({ whole }) => hex(whole));
    assert.deepEqual(beside(fused), beside(original));
    assert.ok(beside(original).length > 5);
  });

  test('takes away the BatchNormalization with what it alone used, and adds the bias', () => {
    const labels = graphFields(original).map((entry) => entry.label);
    const expected = labels.filter((entry) => !GONE.includes(entry));
    const actual = graphFields(fused).map((entry) => entry.label);
    assert.deepEqual(
      actual.filter((entry) => entry !== 'initializer stem.bias'),
      expected,
    );
    assert.equal(actual.length, expected.length + 1);
  });

  test('changes nothing else but the convolution and its weight', () => {
    const changed = ['node stem.conv', `initializer ${WEIGHT}`];
    const kept = graphFields(original).filter(
      (entry) => !GONE.includes(entry.label) && !changed.includes(entry.label),
    );
    const after = graphFields(fused).map(({ field }) => hex(field.whole));
    for (const { label: name, field } of kept) assert.ok(after.includes(hex(field.whole)), name);
  });

  test('changes of the convolution its output and its inputs only', () => {
    const conv = (bytes: Uint8Array): WireField[] =>
      wireFields(fieldOf(bytes, 'node stem.conv').payload);
    const others = (fields: WireField[]): string[] =>
      fields.filter(({ number }) => number > 2).map(({ whole }) => hex(whole));
    const names = (fields: WireField[], number: number): string[] =>
      fields
        .filter((field) => field.number === number)
        .map(({ payload }) => Buffer.from(payload).toString());
    assert.deepEqual(others(conv(fused)), others(conv(original)));
    assert.deepEqual(names(conv(fused), 1), ['x', WEIGHT, 'stem.bias']);
    assert.deepEqual(names(conv(fused), 2), ['stem_y']);
  });

  test('changes of the weight its values only', () => {
    const RAW_DATA = 9;
    const weight = (bytes: Uint8Array): WireField[] =>
      wireFields(fieldOf(bytes, `initializer ${WEIGHT}`).payload);
    const others = (bytes: Uint8Array): string[] =>
      weight(bytes)
        .filter(({ number }) => number !== RAW_DATA)
        .map(({ whole }) => hex(whole));
    const values = (bytes: Uint8Array): WireField =>
      weight(bytes).find(({ number }) => number === RAW_DATA)!;
    assert.deepEqual(others(fused), others(original));
    assert.equal(values(fused).payload.length, values(original).payload.length);
    assert.notEqual(hex(values(fused).payload), hex(values(original).payload));
  });
});

test('unknown groups, an old kind of field without a length, stay wherever they are', () => {
  const group = join(varint(99 * 8 + 3), int(1, 5), sub(2, [1, 2, 3]), varint(99 * 8 + 4));
  const { nodes, parameters } = convAndBn('a', 'x', 'y', { weight: 'w' });
  const weight = sub(5, tensorProto('w', [2, 1, 1, 1], 'f32', raw([0.75, -1.25]), group));
  const [conv = new Uint8Array(), bn = new Uint8Array()] = nodes;
  // The convolution's own message is written anew around the group.
  const convWithGroup = sub(1, payloadOf(conv, 1), group);
  const bytes = model(
    [input('x', [1, 1, 2, 2]), group, convWithGroup, bn, ...parameters, weight, output('y')],
    { more: [group] },
  );
  const { bytes: after } = fuse(openOnnx(new MemorySource(bytes), memoryFiles()));
  assert.equal(hex(bytes).split(hex(group)).length - 1, 4);
  assert.equal(hex(after).split(hex(group)).length - 1, 4);
});

test('a plan without folds is the file itself', () => {
  assert.equal(hex(fuse(openOnnxFile(path), 'fold', []).bytes), hex(original));
});
