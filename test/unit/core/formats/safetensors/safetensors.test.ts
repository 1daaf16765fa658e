import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemorySource, type SiblingFiles } from '../../../../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../../../../src/core/errors';
import { foldPair } from '../../../../../src/core/folding/foldPair';
import { isSafetensors } from '../../../../../src/core/formats/safetensors/isSafetensors';
import { openSafetensors } from '../../../../../src/core/formats/safetensors/openSafetensors';
import { findPairs } from '../../../../../src/core/pairing/findPairs';
import type { FoldMode, OpenedModel } from '../../../../../src/core/model/openedModel';
import { executePlan } from '../../../../support/executePlan';
import {
  expected,
  tensorValues,
  torchFixture,
  type ExpectedTensor,
} from '../../../../support/torchFixtures';
import { torchPair } from '../../../../support/torchPair';

const INDEX = 'model.safetensors.index.json';
const SHARDS = ['model-00001-of-00002', 'model-00002-of-00002'];

suite('safetensors', () => {
  test('reads every tensor, in no order that means anything', () => {
    const model = openFile('tiny.safetensors');
    assert.equal(model.format, 'safetensors');
    assert.equal(model.network.kind === 'modules' && model.network.isOrdered, false);
    assert.deepEqual(sorted(tensorValues(model)), sorted(expected.original));
  });

  test('folds to the tensors of a float64 reference', () => {
    const fused = reopen(plan(openFile('tiny.safetensors'), 'fold'));
    assert.deepEqual(sorted(tensorValues(fused)), sorted(expected.fold));
  });

  test('keeps every key in drop-in mode', () => {
    const fused = reopen(plan(openFile('tiny.safetensors'), 'drop-in'));
    assert.deepEqual(sorted(tensorValues(fused)), sorted(expected.dropIn));
  });

  test('keeps the metadata and the order of the keys, and puts a bias behind its weight', () => {
    const before = headerOf(torchFixture('tiny.safetensors'));
    const after = headerOf([...plan(openFile('tiny.safetensors'), 'fold').values()][0]!);
    assert.deepEqual(after['__metadata__'], before['__metadata__']);
    const names = Object.keys(after);
    assert.equal(names[names.indexOf('conv1.weight') + 1], 'conv1.bias');
    assert.deepEqual(
      names.filter((name) => name in before),
      Object.keys(before).filter((name) => name in after),
    );
  });

  test('leaves no hole between tensors and starts the data at a multiple of eight', () => {
    const [bytes] = [...plan(openFile('tiny.safetensors'), 'fold').values()];
    const length = Number(new DataView(bytes!.buffer, bytes!.byteOffset).getBigUint64(0, true));
    const { __metadata__: _, ...tensors } = headerOf(bytes!);
    const ranges = Object.values(tensors).map((tensor) => tensor.data_offsets!);
    ranges.sort((a, b) => a[0]! - b[0]!);
    let at = 0;
    for (const [begin, end] of ranges) {
      assert.equal(begin, at);
      at = end!;
    }
    assert.equal((8 + length) % 8, 0);
    assert.equal(8 + length + at, bytes!.length);
  });

  test('moves wide elements to the front when a removed tensor would leave them unaligned', () => {
    const bytes = safetensorsFile({
      'bn.weight': { dtype: 'F16', shape: [1], values: 2 },
      'bn.bias': { dtype: 'F16', shape: [1], values: 2 },
      'bn.running_mean': { dtype: 'F16', shape: [1], values: 2 },
      'bn.running_var': { dtype: 'F16', shape: [1], values: 2 },
      'conv.weight': { dtype: 'F16', shape: [1, 1], values: 2 },
      pad: { dtype: 'F16', shape: [1], values: 2 },
      wide: { dtype: 'F32', shape: [1], values: 4 },
    });
    const model = openSafetensors(new MemorySource(bytes, 'a.safetensors'), noSiblings);
    const fold = foldPair(model, torchPair(model, { conv: 'conv', bn: 'bn', eps: 1 }));
    const files = executePlan(
      model.plan([fold], { mode: 'fold', outputName: 'b.safetensors' }),
      model.sources,
    );
    const header = headerOf(files.get('b.safetensors')!);
    assert.deepEqual(Object.keys(header), ['conv.weight', 'conv.bias', 'pad', 'wide']);
    assert.deepEqual(header['wide']!.data_offsets, [0, 4]);
  });
});

suite('layers that a network holds under two names', () => {
  const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;

  test('are known although the file keeps one name only', () => {
    const { pairs } = findPairs(openFile('siamese.safetensors'), options);
    const found = pairs.map(({ id, bn, verdict, reasons }) => {
      const codes = reasons.map(({ code }) => code).filter((code) => code !== 'EPS_ASSUMED');
      return [id, bn.name, verdict, ...codes].join(' ');
    });
    assert.deepEqual(found.toSorted(), [
      'again.0 again.1 blocked SHARED_WEIGHT_TIED',
      'left.0 left.1 blocked SHARED_WEIGHT_TIED',
      'right.0 right.1 blocked SHARED_WEIGHT_TIED',
      'same.0 same.1 fusable',
      'tail.0 tail.1 fusable',
    ]);
  });

  test('are folded once, under the name that is kept', () => {
    const model = openFile('siamese.safetensors');
    const { pairs } = findPairs(model, options);
    const folds = pairs
      .filter(({ verdict }) => verdict === 'fusable')
      .map((pair) => foldPair(model, pair));
    const [bytes] = executePlan(
      model.plan(folds, { mode: 'fold', outputName: 'fused.safetensors' }),
      model.sources,
    ).values();
    const names = Object.keys(headerOf(bytes!));
    assert.deepEqual(
      names.filter((name) => /^(same|tail)/.test(name)),
      ['same.0.bias', 'same.0.weight'],
    );
    const alone = folds.filter(({ pair }) => pair.id === 'tail.0');
    assert.throws(
      () => model.plan(alone, { mode: 'fold', outputName: 'fused.safetensors' }),
      /another name of a layer/,
    );
  });
});

suite('a sharded index', () => {
  test('reads the tensors of every shard', () => {
    assert.deepEqual(sorted(tensorValues(openFile(INDEX))), sorted(expected.original));
  });

  test('writes the index and every shard anew, under new names', () => {
    const files = plan(openFile(INDEX), 'fold');
    const fusedShards = SHARDS.map((name) => `${name}.fused.safetensors`);
    assert.deepEqual([...files.keys()], ['model.safetensors.index.json', ...fusedShards]);
    const index = JSON.parse(new TextDecoder().decode(files.get(INDEX))) as {
      metadata: { total_size: number };
      weight_map: Record<string, string>;
    };
    assert.equal(index.weight_map['conv1.bias'], fusedShards[0]);
    assert.equal(index.weight_map['bn1.weight'], undefined);
    const size = expected.fold.reduce((sum, { values }) => sum + 4 * values.length, 0);
    assert.equal(index.metadata.total_size, size);
    assert.deepEqual(sorted(tensorValues(reopen(files))), sorted(expected.fold));
  });

  test('does the same in drop-in mode', () => {
    assert.deepEqual(
      sorted(tensorValues(reopen(plan(openFile(INDEX), 'drop-in')))),
      sorted(expected.dropIn),
    );
  });

  test('refuses an index that names a tensor no shard holds', () => {
    const text = new TextDecoder().decode(torchFixture(INDEX)).replace('"up.bias"', '"up.gone"');
    const source = new MemorySource(new TextEncoder().encode(text), INDEX);
    assert.throws(() => openSafetensors(source, fixtureSiblings), /up\.gone/);
  });

  test('refuses shards in other folders', () => {
    const text = '{"weight_map": {"a.weight": "deep/model.safetensors"}}';
    const source = new MemorySource(new TextEncoder().encode(text), INDEX);
    assert.throws(() => openSafetensors(source, fixtureSiblings), /another folder/);
  });
});

suite('damaged safetensors files', () => {
  const refused: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(), /ends at byte 0/],
    ['a header longer than the file', header('{}', 1000), /claims 1000 bytes/],
    ['a header that is no JSON', header('{"a":'), /no valid JSON/],
    ['a header that is no object', header('[1]'), /no JSON object/],
    ['a header that nests deep', header('['.repeat(1000)), /nests deeper/],
    ['a tensor without a place', header('{"a":{"dtype":"F32","shape":[1]}}'), /does not say/],
    [
      'a tensor beyond the file',
      header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'),
      /does not fit/,
    ],
    [
      'a tensor of another size',
      safetensorsFile({ a: { dtype: 'F32', shape: [2], values: 4 } }),
      /does not fit/,
    ],
    [
      'a negative place',
      header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}'),
      /does not say/,
    ],
    [
      'the same name twice',
      header(
        '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      ),
      /a twice/,
    ],
    [
      'tensors that overlap',
      concat(
        header(
          '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        ),
        new Uint8Array(3),
      ),
      /b overlaps a/,
    ],
  ];
  for (const [what, bytes, message] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => openSafetensors(new MemorySource(bytes, 'x.safetensors'), noSiblings),
        (error) => error instanceof ModelFormatError && message.test(error.message),
      );
    });
  }
});

suite('isSafetensors', () => {
  test('knows files by name and by their first bytes', () => {
    assert.ok(isSafetensors(new Uint8Array(), 'a.safetensors'));
    assert.ok(isSafetensors(new Uint8Array(), 'model.safetensors.index.json'));
    assert.ok(isSafetensors(torchFixture('tiny.safetensors').slice(0, 100), 'model.bin'));
    assert.ok(!isSafetensors(torchFixture('zip.pth').slice(0, 100), 'model.bin'));
    assert.ok(!isSafetensors(new Uint8Array(), 'package.json'));
  });
});

const noSiblings: SiblingFiles = {
  open: (name) => {
    throw new ModelFormatError(`no ${name}`);
  },
};
const fixtureSiblings: SiblingFiles = {
  open: (name) => new MemorySource(torchFixture(name), name),
};

function openFile(name: string): OpenedModel {
  return openSafetensors(new MemorySource(torchFixture(name), name), fixtureSiblings);
}

function plan(model: OpenedModel, mode: FoldMode): ReadonlyMap<string, Uint8Array> {
  const folds = expected.pairs.map((pair) => foldPair(model, torchPair(model, pair)));
  const name = model.sources[0]!.name;
  return executePlan(model.plan(folds, { mode, outputName: name }), model.sources);
}

function reopen(files: ReadonlyMap<string, Uint8Array>): OpenedModel {
  const [[name, bytes]] = [...files] as [[string, Uint8Array]];
  const siblings: SiblingFiles = { open: (shard) => new MemorySource(files.get(shard)!, shard) };
  return openSafetensors(new MemorySource(bytes, name), siblings);
}

function sorted(tensors: readonly ExpectedTensor[]): ExpectedTensor[] {
  return tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

type Header = Record<string, { readonly data_offsets?: readonly number[] }>;

function headerOf(bytes: Uint8Array): Header {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
}

function header(text: string, length = text.length): Uint8Array {
  const head = new DataView(new ArrayBuffer(8));
  head.setBigUint64(0, BigInt(length), true);
  return concat(new Uint8Array(head.buffer), new TextEncoder().encode(text));
}

/** A file of tensors, each of so many bytes of the number 1, 2, 3 … */
function safetensorsFile(
  tensors: Record<string, { dtype: string; shape: number[]; values: number }>,
): Uint8Array {
  let at = 0;
  const entries = Object.entries(tensors).map(([name, { dtype, shape, values }]) => {
    at += values;
    return [name, { dtype, shape, data_offsets: [at - values, at] }] as const;
  });
  const data = Uint8Array.from({ length: at }, (_, idx) => idx + 1);
  return concat(header(JSON.stringify(Object.fromEntries(entries))), data);
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
