import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { MemorySource } from '../../../src/core/bytes/byteSource';
import { pickleCall, pickleGlobal, pickleText } from '../../../src/core/formats/pickle/pickleBytes';
import { tensorExpression } from '../../../src/core/formats/torch/torchBytes';
import type { TorchTensor } from '../../../src/core/formats/torch/torchTensor';
import { readZip } from '../../../src/core/formats/zip/readZip';
import { readZipEntry } from '../../../src/core/formats/zip/zipContent';
import type { InspectReport } from '../../../src/protocol/reports';
import { pickleOf, type PickleParts } from '../../support/pickleText';
import { runCliJson } from '../../support/runCli';
import { temporaryFolder } from '../../support/temporaryFolder';
import { openBytes, torchFixture } from '../../support/torchFixtures';
import { tensorsOf } from '../../support/torchPair';
import { zipBytes, type ZipSketch } from '../../support/zipBytes';

const like = { storage: { location: 'cpu' }, parameter: null } as unknown as TorchTensor;

const TIME_LIMIT_MS = 2000;
const MEMORY_LIMIT_BYTES = 200_000_000;
const MIB = 2 ** 20;

const sound = torchFixture('zip.pth');
const legacy = torchFixture('legacy.pth');

/** Entries of the sound checkpoint, some of them in another way. */
function checkpoint(change: (sketch: ZipSketch) => ZipSketch | readonly ZipSketch[]): Uint8Array {
  const archive = readZip(new MemorySource(sound));
  const sketches = archive.entries.map(({ name, ...entry }) => ({
    name,
    data: readZipEntry(archive, { name, ...entry }, MIB),
  }));
  return zipBytes(sketches.flatMap(change));
}

/** The same, with `change` for the entry whose name ends so. */
function checkpointWith(ending: string, change: (sketch: ZipSketch) => ZipSketch): Uint8Array {
  return checkpoint((sketch) => (sketch.name.endsWith(ending) ? change(sketch) : sketch));
}

function checkpointOf(pickle: Uint8Array): Uint8Array {
  return checkpointWith('data.pkl', ({ name }) => ({ name, data: pickle }));
}

/** The pickle of the sound checkpoint behind other operations, which leave nothing on the stack. */
function pickleBehind(...parts: PickleParts): Uint8Array {
  const archive = readZip(new MemorySource(sound));
  const pickle = readZipEntry(archive, archive.entriesByName.get('zip/data.pkl')!, MIB);
  return pickleOf('\x80\x02', ...parts, pickle.subarray(2));
}

/** Each level a list of the level before, twice: 2^60 items for whoever copies them. */
const memoBomb = pickleOf(
  '\x80\x02]q\x00',
  ...Array.from({ length: 60 }, () => '](h\x00h\x00eq\x00'),
  '.',
);

const refused: readonly [what: string, bytes: () => Uint8Array, says: RegExp][] = [
  ['half an archive', () => sound.subarray(0, sound.length / 2), /cut off/],
  ['an archive without its last byte', () => sound.subarray(0, -1), /cut off/],
  ['half a legacy file', () => legacy.subarray(0, legacy.length / 2), /./],
  ['a legacy file of pickles only', () => legacy.subarray(0, 3000), /./],
  [
    'two entries of one name',
    () => checkpoint((sketch) => (sketch.name.endsWith('data/0') ? [sketch, sketch] : sketch)),
    /twice/,
  ],
  [
    'an entry that lies over another one',
    () => checkpointWith('data/1', (sketch) => ({ ...sketch, claimedOffset: 70 })),
    /overlaps/,
  ],
  [
    'a storage shorter than the pickle says',
    () => checkpointWith('data/0', ({ name }) => ({ name, data: new Uint8Array(3) })),
    /3 bytes instead of 432/,
  ],
  [
    'a pickle that inflates to 64 MiB',
    () =>
      checkpointWith('data.pkl', ({ name }) => ({
        name,
        data: new Uint8Array(64 * MIB),
        isDeflated: true,
      })),
    /at most/,
  ],
  [
    'a storage that inflates to 160 MiB',
    () =>
      checkpointWith('data/0', ({ name }) => ({
        name,
        data: new Uint8Array(160 * MIB),
        isDeflated: true,
      })),
    /more than 128 MiB/,
  ],
  [
    'a pickle that inflates to more than it says',
    () =>
      checkpointWith('data.pkl', ({ name }) => ({
        name,
        data: new Uint8Array(64 * MIB),
        isDeflated: true,
        claimedSize: 1000,
      })),
    /does not inflate/,
  ],
  [
    'a pickle nested without end',
    () => checkpointOf(pickleOf('\x80\x02', ']'.repeat(3_000_000), '.')),
    /stacks more than/,
  ],
  [
    'a pickle of ten million objects',
    () => checkpointOf(pickleOf('\x80\x02]', '(]]]]]]]]]]e'.repeat(1_000_000), '.')),
    /more than fits/,
  ],
  [
    'a pickle of a million lists of one number',
    () => checkpointOf(pickleOf('\x80\x02]', '(]K\x01a]K\x01a]K\x01ae'.repeat(400_000), '.')),
    /more than fits/,
  ],
];

suite('hostile checkpoints', () => {
  for (const [what, bytes, says] of refused) {
    test(`${what} gives one sentence, soon and in little memory`, async (t) => {
      const path = join(temporaryFolder(t), 'a.pth');
      writeFileSync(path, bytes());
      for (const command of ['inspect', 'fuse']) {
        const { json, exitCode, cpuMs, peakBytes } = await runCliJson([command, path]);
        const { code, message } = (json['error'] ?? {}) as { code?: string; message?: string };
        assert.equal(exitCode, 1, JSON.stringify(json).slice(0, 300));
        assert.notEqual(code, 'INTERNAL', message);
        assert.match(message ?? '', says);
        assert.ok(cpuMs < TIME_LIMIT_MS, `${cpuMs} ms`);
        assert.ok(peakBytes < MEMORY_LIMIT_BYTES, `${peakBytes} bytes`);
      }
    });
  }

  test('a memo bomb is a file without a network, soon and in little memory', async (t) => {
    const path = join(temporaryFolder(t), 'a.pth');
    writeFileSync(path, checkpointOf(memoBomb));
    for (const command of ['inspect', 'fuse', 'structure']) {
      const { exitCode, cpuMs, peakBytes } = await runCliJson([command, path]);
      assert.equal(exitCode, 0);
      assert.ok(cpuMs < TIME_LIMIT_MS, `${cpuMs} ms`);
      assert.ok(peakBytes < MEMORY_LIMIT_BYTES, `${peakBytes} bytes`);
    }
  });

  test('vectors of sixty million channels in four bytes block their pair, soon and in little memory', async (t) => {
    const count = 60_000_000;
    const expanded = (...shape: number[]): Uint8Array =>
      tensorExpression(
        { key: '0', dtype: 'f32', count: 1, shape, strides: shape.map(() => 0), like },
        { protocol: 2, hasView: false },
      );
    const entries = Object.entries({
      'conv.weight': expanded(count, 1, 1, 1),
      'bn.weight': expanded(count),
      'bn.bias': expanded(count),
      'bn.running_mean': expanded(count),
      'bn.running_var': expanded(count),
    }).flatMap(([key, value]) => [pickleText(key), value]);
    const path = join(temporaryFolder(t), 'a.pth');
    writeFileSync(path, checkpointOf(pickleOf('\x80\x02}(', ...entries, 'u.')));
    for (const command of [['inspect', '--statistics'], ['fuse'], ['structure']]) {
      const { json, exitCode, cpuMs, peakBytes } = await runCliJson([...command, path]);
      assert.equal(exitCode, 0, JSON.stringify(json).slice(0, 300));
      assert.ok(cpuMs < TIME_LIMIT_MS, `${cpuMs} ms`);
      assert.ok(peakBytes < MEMORY_LIMIT_BYTES, `${peakBytes} bytes`);
    }
    const { json } = await runCliJson(['inspect', path]);
    const { pairs } = json as unknown as InspectReport;
    assert.deepEqual(
      pairs.map(({ verdict, reasons }) => [verdict, reasons[0]?.code]),
      [['blocked', 'TENSOR_UNREADABLE']],
    );
  });

  test('os.system in a pickle is named, and never called', async (t) => {
    const folder = temporaryFolder(t);
    const [path, hacked] = [join(folder, 'a.pth'), join(folder, 'hacked')];
    const attack = pickleCall(pickleGlobal('os', 'system'), pickleText(`touch ${hacked}`));
    writeFileSync(path, checkpointOf(pickleBehind(attack, '0')));
    const { json } = await runCliJson(['inspect', path]);
    const { problems, counts } = json as unknown as InspectReport;
    assert.equal(counts.pairs, 4);
    assert.match(problems[0]!.message, /os\.system.*Nothing of it is run here/);
    for (const command of ['fuse', 'structure']) {
      const { exitCode } = await runCliJson([command, path]);
      assert.equal(exitCode, 0);
    }
    assert.ok(!existsSync(hacked));
  });

  test('a variance that is no number, or negative, blocks its pair and no other', async (t) => {
    for (const value of [NaN, -1]) {
      const path = join(temporaryFolder(t), 'a.pth');
      const bytes = Uint8Array.from(sound);
      const { location } = tensorsOf(openBytes(bytes)).get('bn1.running_var')!;
      assert.ok(location.kind === 'range');
      new DataView(bytes.buffer).setFloat32(location.offset + 4, value, true);
      writeFileSync(path, bytes);
      const { json } = await runCliJson(['inspect', path, '--policy', 'all']);
      const { pairs } = json as unknown as InspectReport;
      const blocked = pairs.filter(({ verdict }) => verdict === 'blocked');
      assert.deepEqual(
        blocked.map(({ id }) => id),
        ['conv1'],
      );
      const codes: readonly string[] = blocked[0]!.reasons.map((reason) => reason.code);
      assert.ok(codes.includes('VARIANCE_INVALID'), codes.join());
    }
  });
});
