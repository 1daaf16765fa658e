import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Part } from '../../../bench/parts';
import { bytesField, textField, varintField } from '../../../bench/protobuf';
import { projectPath } from '../../support/root';
import { runCli, runCliJson } from '../../support/runCli';
import { temporaryFolder } from '../../support/temporaryFolder';

const TIME_LIMIT_MS = 2000;
const MEMORY_LIMIT_BYTES = 200_000_000;

const sample = readFileSync(projectPath('samples/scenenet.onnx'));
const checkpoint = readFileSync(projectPath('samples/scenenet.pth'));
const noise = Uint8Array.from(
  { length: 1_000_000 },
  (_, idx) => (Math.imul(idx, 2654435761) >>> 13) & 255,
);

/** Files whose bytes mean harm or nothing, with what the sentence must say. */
const hostile: readonly { what: string; name: string; bytes: () => Uint8Array; says: RegExp }[] = [
  { what: 'an empty file', name: 'a.onnx', bytes: () => new Uint8Array(), says: /is empty/ },
  { what: 'an empty checkpoint', name: 'a.pth', bytes: () => new Uint8Array(), says: /is empty/ },
  { what: 'noise', name: 'a.onnx', bytes: () => noise, says: /./ },
  {
    what: 'noise under a foreign name',
    name: 'a.bin',
    bytes: () => noise,
    says: /neither an ONNX/,
  },
  { what: 'zeros', name: 'a.onnx', bytes: () => new Uint8Array(1_000_000), says: /./ },
  {
    what: 'half a model',
    name: 'a.onnx',
    bytes: () => sample.subarray(0, sample.length / 2),
    says: /./,
  },
  {
    what: 'a model without its last byte',
    name: 'a.onnx',
    bytes: () => sample.subarray(0, -1),
    says: /./,
  },
  {
    what: 'a varint without an end',
    name: 'a.onnx',
    bytes: () => new Uint8Array(1_000_000).fill(255),
    says: /./,
  },
  {
    what: 'a length beyond the end',
    name: 'a.onnx',
    bytes: () => concat([...varintField(1, 8), Uint8Array.of(7 * 8 + 2, 255, 255, 255, 255, 127)]),
    says: /./,
  },
  { what: 'nesting of 10,000 graphs', name: 'a.onnx', bytes: () => deepGraph(10_000), says: /./ },
  {
    what: 'dimensions without bound',
    name: 'a.onnx',
    bytes: () => modelWith(bytesField(5, hugeTensor())),
    says: /./,
  },
  {
    what: 'a million empty nodes',
    name: 'a.onnx',
    bytes: () => modelWith(Array.from({ length: 1_000_000 }, () => Uint8Array.of(10, 0))),
    says: /./,
  },
  {
    what: 'a node of a million inputs',
    name: 'a.onnx',
    bytes: () => modelWith(bytesField(1, repeated(Uint8Array.of(10, 1, 97), 1_000_000))),
    says: /more than 65536 inputs/,
  },
  {
    what: 'a hundred thousand BatchNorms',
    name: 'a.onnx',
    bytes: () =>
      modelWith(repeated(concat(bytesField(1, [...textField(4, 'BatchNormalization')])), 100_000)),
    says: /100000 BatchNorms/,
  },
  {
    what: 'a hundred thousand data files',
    name: 'a.onnx',
    bytes: () =>
      modelWith(
        Array.from({ length: 100_000 }, (_, idx) =>
          bytesField(5, externalTensor(`${idx}.bin`)),
        ).flat(),
      ),
    says: /more than 10000 data files/,
  },
  {
    what: 'a group of fields without an end',
    name: 'a.onnx',
    bytes: () =>
      modelWith([Uint8Array.of(0xfb, 0x01), ...repeated(Uint8Array.of(8, 1), 5_000_000)]),
    says: /has no end/,
  },
  {
    what: 'groups in groups without an end',
    name: 'a.onnx',
    bytes: () => modelWith(repeated(Uint8Array.of(0xfb, 0x01), 2_000_000)),
    says: /has no end/,
  },
  {
    what: 'half a checkpoint',
    name: 'a.pth',
    bytes: () => checkpoint.subarray(0, checkpoint.length / 2),
    says: /./,
  },
  {
    what: 'a checkpoint whose pickle is noise',
    name: 'a.pth',
    bytes: () => withNoise(checkpoint, 64, 20_000),
    says: /./,
  },
  {
    what: 'a pickle of nothing but marks',
    name: 'a.pkl',
    bytes: () => concat([Uint8Array.of(0x80, 2), new Uint8Array(5_000_000).fill(0x28)]),
    says: /./,
  },
  {
    what: 'a pickle nested without end',
    name: 'a.pkl',
    bytes: () => concat([Uint8Array.of(0x80, 2), new Uint8Array(3_000_000).fill(0x5d)]),
    says: /./,
  },
  {
    what: 'a safetensors header longer than the file',
    name: 'a.safetensors',
    bytes: () => concat([Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0), utf8('{}')]),
    says: /./,
  },
  {
    what: 'a safetensors header nested without end',
    name: 'a.safetensors',
    bytes: () => safetensors(`{"a":${'['.repeat(2_000_000)}`),
    says: /./,
  },
  {
    what: 'a safetensors tensor beyond the end',
    name: 'a.safetensors',
    bytes: () =>
      safetensors('{"w":{"dtype":"F32","shape":[9007199254740991],"data_offsets":[0,4]}}'),
    says: /./,
  },
  {
    what: 'a listing of brackets',
    name: 'a.torchmodule',
    bytes: () => utf8('A('.repeat(1_000_000)),
    says: /./,
  },
  {
    what: 'external data in the folder above',
    name: 'a.onnx',
    bytes: () => modelWith(bytesField(5, externalTensor('../secret.bin'))),
    says: /own folder/,
  },
  {
    what: 'external data at an absolute path',
    name: 'a.onnx',
    bytes: () => modelWith(bytesField(5, externalTensor('/etc/passwd'))),
    says: /own folder/,
  },
  {
    what: 'external data behind a link that leads out',
    name: 'a.onnx',
    bytes: () => modelWith(bytesField(5, externalTensor('link.bin'))),
    says: /own folder/,
  },
];

for (const { what, name, bytes, says } of hostile) {
  test(`${what} gives one sentence, soon and in little memory`, async (t) => {
    const path = join(hostileFolder(t), name);
    writeFileSync(path, bytes());
    for (const command of ['inspect', 'fuse']) {
      const { json, exitCode, cpuMs, peakBytes } = await runCliJson([command, path]);
      const { code, message } = (json['error'] ?? {}) as { code?: string; message?: string };
      assert.equal(exitCode, 1, JSON.stringify(json).slice(0, 300));
      assert.notEqual(code, 'INTERNAL', message);
      assert.match(message ?? '', says);
      assert.ok((message ?? '').length < 400 && !message?.includes('\n'), message);
      assert.ok(cpuMs < TIME_LIMIT_MS, `${cpuMs} ms`);
      assert.ok(peakBytes < MEMORY_LIMIT_BYTES, `${peakBytes} bytes`);
    }
  });
}

test('a folder and a pipe in place of a model are refused at once', async (t) => {
  const folder = temporaryFolder(t);
  const { stderr, exitCode } = await runCli(['inspect', folder]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /is a folder/);
  const zero = await runCli(['inspect', '/dev/zero']);
  assert.match(zero.stderr, /no regular file/);
});

test('a name with control characters cannot write to the terminal', async (t) => {
  const path = join(temporaryFolder(t), 'a.onnx');
  const name = 'bn\u001b[2J\u0007';
  const node = bytesField(1, [
    ...textField(1, 'input'),
    ...['s', 'b', 'm', 'v'].flatMap((input) => textField(1, input)),
    ...textField(2, 'out'),
    ...textField(3, name),
    ...textField(4, 'BatchNormalization'),
  ]);
  writeFileSync(path, modelWith(node));
  const { stdout } = await runCli(['inspect', path]);
  assert.match(stdout, /bn\\u\{1b\}\[2J\\u\{7\}/);
  assert.doesNotMatch(stdout, /\u001b|\u0007/);
});

function repeated(part: Uint8Array, count: number): Part[] {
  const bytes = new Uint8Array(part.length * count);
  for (let idx = 0; idx < count; idx++) bytes.set(part, idx * part.length);
  return [bytes];
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function safetensors(header: string): Uint8Array {
  const bytes = utf8(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  return concat([length, bytes]);
}

function withNoise(bytes: Uint8Array, from: number, length: number): Uint8Array {
  const spoiled = Uint8Array.from(bytes);
  spoiled.set(noise.subarray(0, length), from);
  return spoiled;
}

function hostileFolder(t: TestContext): string {
  const folder = join(temporaryFolder(t), 'model');
  mkdirSync(folder);
  const secret = join(dirname(folder), 'secret.bin');
  writeFileSync(secret, '');
  truncateSync(secret, 1_000_000);
  symlinkSync(secret, join(folder, 'link.bin'));
  return folder;
}

function modelWith(graph: readonly Part[]): Uint8Array {
  return concat([
    ...varintField(1, 8),
    ...bytesField(7, [...graph, ...textField(2, 'g')]),
    ...bytesField(8, [...textField(1, ''), ...varintField(2, 17)]),
  ]);
}

/** If in an If in an If …: each graph holds one node with a graph attribute. */
function deepGraph(depth: number): Uint8Array {
  // Built from the inside out with lengths only, since copying at each level would be quadratic.
  const heads: Uint8Array[] = [];
  let length = 0;
  for (let level = 0; level < depth; level++) {
    for (const field of [6, 5, 1]) {
      const head = bytesField(field, [new Uint8Array(length)])[0] as Uint8Array;
      heads.push(head);
      length += head.length;
    }
  }
  return modelWith([concat(heads.toReversed())]);
}

function hugeTensor(): Part[] {
  const huge = Array.from({ length: 8 }, () => varintField(1, 2 ** 52)).flat();
  return [
    ...huge,
    ...varintField(2, 1),
    ...textField(8, 'w'),
    ...bytesField(9, [new Uint8Array(16)]),
  ];
}

function externalTensor(location: string): Part[] {
  const entry = (key: string, value: string): Part[] =>
    bytesField(13, [...textField(1, key), ...textField(2, value)]);
  return [
    ...varintField(1, 1000),
    ...varintField(2, 1),
    ...textField(8, 'w'),
    ...entry('location', location),
    ...varintField(14, 1),
  ];
}

function concat(parts: readonly Part[]): Uint8Array {
  return Buffer.concat(parts.filter((part) => part instanceof Uint8Array));
}
