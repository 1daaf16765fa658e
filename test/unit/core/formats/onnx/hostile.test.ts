import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../../../../src/core/errors';
import { openOnnx } from '../../../../../src/core/formats/onnx/openOnnx';
import { memoryFiles } from '../../../../support/memoryFiles';
import {
  attribute,
  int,
  join,
  model,
  node,
  output,
  raw,
  repeat,
  sub,
  tensorProto,
  text,
  varint,
} from '../../../../support/onnxBytes';

/** Loaded machines are slow; a runaway takes minutes. */
const MAX_MS = 10_000;

function refuse(bytes: Uint8Array, message: RegExp): void {
  const started = performance.now();
  assert.throws(
    () => openOnnx(new MemorySource(bytes), memoryFiles()),
    (error) => {
      assert.ok(error instanceof ModelFormatError, String(error));
      assert.match(error.message, message);
      return true;
    },
  );
  assert.ok(performance.now() - started < MAX_MS);
}

function nestedIfs(depth: number): Uint8Array {
  let graph: Uint8Array = new Uint8Array();
  for (let idx = 0; idx < depth; idx++) {
    graph = sub(1, text(4, 'If'), sub(5, text(1, 'then_branch'), sub(6, graph), int(20, 5)));
  }
  return graph;
}

describe('a hostile file', () => {
  test('that is noise is refused', () => {
    refuse(new Uint8Array(1000), /no field tag/);
    refuse(new Uint8Array(1000).fill(255), /runs on for more than 10 bytes/);
    refuse(
      Uint8Array.from({ length: 5000 }, (_, idx) => (idx * 7919) & 255),
      /./,
    );
  });

  test('with an endless varint is refused', () => {
    refuse(join([0x3a], new Uint8Array(100_000).fill(0x80)), /runs on/);
  });

  test('with lengths beyond its end is refused', () => {
    refuse(join(int(1, 8), [0x3a], varint(10 ** 12)), /cut short or damaged/);
    refuse(join(int(1, 8), [0x3a], varint(2n ** 64n - 1n)), /cut short or damaged/);
  });

  test('nested 10,000 deep is refused, nested 30 deep is not', () => {
    refuse(model([nestedIfs(10_000)]), /nests subgraphs/);
    openOnnx(new MemorySource(model([nestedIfs(30)])), memoryFiles());
  });

  test('with huge, negative or countless dims is refused', () => {
    const tensor = (...dims: Uint8Array[]): Uint8Array =>
      sub(5, ...dims, int(2, 1), text(8, 'w'), raw([1]));
    refuse(model([tensor(int(1, 2 ** 52), int(1, 2 ** 52))]), /impossible shape/);
    refuse(model([tensor(int(1, 2n ** 62n))]), /impossible shape/);
    refuse(model([tensor(int(1, -1))]), /impossible shape/);
    refuse(model([tensor(int(1, 2 ** 40))]), /its shape needs/);
    refuse(model([tensor(repeat(int(1, 1), 100_000))]), /dimensions/);
    refuse(model([tensor(sub(1, new Uint8Array(100).fill(1)))]), /dimensions/);
    refuse(
      model([sub(13, text(1, 'v'), sub(2, sub(1, sub(2, repeat(sub(1), 100)))))]),
      /dimensions/,
    );
  });

  test('whose shapes and payloads contradict each other is refused', () => {
    refuse(model([sub(5, tensorProto('w', [3], 'f32', raw([1, 2])))]), /8 bytes of values/);
    refuse(
      model([sub(5, tensorProto('w', [3], 'f32', sub(4, [0, 0, 0, 0])))]),
      /its shape needs 12/,
    );
    refuse(model([sub(5, tensorProto('w', [3], 'i64', sub(7, [1])))]), /too few/);
  });

  test('with groups that do not end, end as another, or nest without end is refused', () => {
    const start = (field: number): Uint8Array => varint(field * 8 + 3);
    const end = (field: number): Uint8Array => varint(field * 8 + 4);
    refuse(model([start(99)]), /the group of field 99 has no end/);
    refuse(model([start(99), int(1, 1), end(98)]), /the group of field 99 has no end/);
    refuse(model([start(99), start(98), end(99), end(98)]), /has no end/);
    refuse(model([end(99)]), /impossible wire type 4/);
    refuse(model([[0x0e]]), /impossible wire type 6/);
    refuse(model([start(99), [0x0a, 0xff, 0x7f], end(99)]), /cut short|has no end|ends at/);
    const deep = [repeat(start(99), 100_000), repeat(end(99), 100_000)];
    refuse(model(deep), /has no end/);
  });

  test('is not one because a field that is not known is a group', () => {
    const group = join(varint(99 * 8 + 3), int(1, 5), sub(2, [1, 2]), varint(99 * 8 + 4));
    const opened = openOnnx(new MemorySource(model([group], { more: [group] })), memoryFiles());
    assert.deepEqual([...opened.opsets], [['', 17]]);
  });

  test('with numbers where messages belong is refused', () => {
    refuse(int(7, 1), /a number where a message belongs/);
    refuse(model([int(1, 1)]), /a number where a message belongs/);
  });

  test('with millions of empty things is refused', () => {
    const everything: Record<string, Uint8Array> = {
      nodes: repeat(sub(1), 400_000),
      attributes: sub(1, repeat(sub(5), 900_000)),
      tensors: repeat(sub(5), 400_000),
      outputs: repeat(output(''), 400_000),
    };
    for (const graph of Object.values(everything)) {
      refuse(model([graph]), /than a network can have/);
    }
    refuse(model([sub(1, repeat(text(1, 'a'), 1_600_000))]), /more than 65536 inputs/);
    refuse(join(repeat(sub(8), 400_000), sub(7)), /than a network can have/);
    refuse(join(sub(7), repeat(sub(25), 70_000)), /than a network can have/);
  });

  test('with names or lists of megabytes is refused or read without them', () => {
    refuse(model([node('Relu', ['x'.repeat(100_000)], ['y'])]), /beside its payload/);
    const list = sub(5, text(1, 'k'), sub(8, new Uint8Array(10 ** 6)), int(20, 7));
    openOnnx(new MemorySource(model([node('Tree', [], ['y'], { more: [list] })])), memoryFiles());
  });

  test('cut anywhere is refused or read, and never anything else', () => {
    const whole = model([
      node('Conv', ['x', 'w'], ['c'], { more: [attribute.ints('pads', [1, 1, 1, 1])] }),
      sub(5, tensorProto('w', [2, 2], 'f32', raw([1, 2, 3, 4]))),
      node('If', ['c'], ['y'], { more: [attribute.graph('then_branch', output('y'))] }),
    ]);
    for (let length = 1; length < whole.length; length++) {
      tryOpen(whole.subarray(0, length));
    }
  });

  test('with any one byte changed is refused or read, and never anything else', () => {
    const whole = model([
      node('Conv', ['x', 'w'], ['c'], { more: [attribute.ints('pads', [1, 1, 1, 1])] }),
      sub(5, tensorProto('w', [2, 2], 'f32', raw([1, 2, 3, 4]))),
      node('Constant', [], ['k'], { more: [attribute.floats('value_floats', [1, 2])] }),
    ]);
    for (let at = 0; at < whole.length; at++) {
      for (const flip of [0x01, 0x08, 0x80, 0xff]) {
        const changed = whole.slice();
        changed[at]! ^= flip;
        tryOpen(changed);
      }
    }
  });
});

function tryOpen(bytes: Uint8Array): void {
  try {
    openOnnx(new MemorySource(bytes), memoryFiles());
  } catch (error) {
    assert.ok(error instanceof ModelFormatError, String(error));
  }
}
