import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { crc32 } from 'node:zlib';
import type { OutputPlan, Piece } from '../../../../src/core/bytes/outputPlan';
import { CancellationError, ModelFormatError } from '../../../../src/core/errors';
import { FileSource } from '../../../../src/engine/files/fileSource';
import { JobContext } from '../../../../src/engine/jobs/jobContext';
import { writeOutput, type OutputRequest } from '../../../../src/engine/writer/writeOutput';
import { WriteControl } from '../../../../src/engine/writer/writeControl';
import type { WriterJob } from '../../../../src/engine/writer/writerJob';
import { WriterThread } from '../../../../src/engine/writer/writerThread';
import { cutIntoUnits } from '../../../../src/engine/writer/writeUnits';
import { bundledScript } from '../../../support/bundledEngine';
import { temporaryFolder } from '../../../support/temporaryFolder';

const original = Uint8Array.from({ length: 300_000 }, (_, idx) => (idx * 7 + (idx >> 8)) & 255);

/** Every kind of piece: bytes of the original moved, new bytes, and a weight of two channels scaled by 2 and 3. */
const weight = Float32Array.from({ length: 200_000 }, (_, idx) => (idx % 1000) / 8);
const foldedWeight = weight.map((value, idx) => value * (idx < 100_000 ? 2 : 3));
const foldPiece: Piece = {
  kind: 'fold',
  id: 'conv1',
  from: { kind: 'bytes', bytes: new Uint8Array(weight.buffer) },
  length: weight.byteLength,
  weight: {
    dtype: 'f32',
    axes: [
      { count: 2, stride: 100_000, channelStep: 1, reductionStep: 0 },
      { count: 100_000, stride: 1, channelStep: 0, reductionStep: 1 },
    ],
    scale: Float64Array.of(2, 3),
  },
  check: {
    reference: {
      convBias: null,
      between: [],
      gamma: Float64Array.of(2, 3),
      beta: Float64Array.of(0, 0),
      mean: Float64Array.of(0, 0),
      variance: Float64Array.of(1, 1),
      eps: 0,
      biasFactor: 1,
    },
    storedBias: Float64Array.of(0, 0),
  },
};
const pieces: Piece[] = [
  { kind: 'copy', source: 0, offset: 1000, length: 299_000 },
  { kind: 'bytes', bytes: Uint8Array.of(1, 2, 3) },
  foldPiece,
  { kind: 'copy', source: 0, offset: 5, length: 10 },
];
const expected = Buffer.concat([
  original.subarray(1000),
  Uint8Array.of(1, 2, 3),
  new Uint8Array(foldedWeight.buffer),
  original.subarray(5, 15),
]);

test('copies, adds and folds, and reports the check of each fold', async (t) => {
  const { request, folder } = setUp(t, { files: [{ name: 'out.bin', pieces, checksums: [] }] });
  const ids: string[] = [];
  const files = await writeOutput(
    { ...request, verify: (checks) => ids.push(...checks.map(({ id }) => id)) },
    new JobContext(),
  );
  assert.deepEqual(files, [join(folder, 'out.bin')]);
  assert.ok(readFileSync(files[0]!).equals(expected));
  assert.deepEqual(ids, ['conv1']);
  assert.deepEqual(readdirSync(folder).toSorted(), ['in.bin', 'out.bin']);
});

test('with a helper the bytes and checksums are the same as without', async (t) => {
  const many: Piece[] = Array.from({ length: 40 }, () => pieces).flat();
  const crcPlace: Piece = { kind: 'bytes', bytes: new Uint8Array(4) };
  const plan: OutputPlan = {
    files: [
      {
        name: 'out.bin',
        pieces: [...many, crcPlace],
        checksums: [{ from: 17, length: 30_000_000, at: [40 * expected.length] }],
      },
    ],
  };
  const { request, folder } = setUp(t, plan);
  const helper = startHelper(t);
  await writeOutput({ ...request, helper }, new JobContext());
  const written = readFileSync(join(folder, 'out.bin'));
  const content = Buffer.concat(Array.from({ length: 40 }, () => expected));
  assert.ok(written.subarray(0, content.length).equals(content));
  assert.equal(written.readUInt32LE(content.length), crc32(content.subarray(17, 30_000_017)));
});

test('keeps an existing output unless it may be overwritten', async (t) => {
  const { request, folder } = setUp(t, { files: [{ name: 'out.bin', pieces, checksums: [] }] });
  writeFileSync(join(folder, 'out.bin'), 'mine');
  await assert.rejects(writeOutput(request, new JobContext()), { code: 'OUTPUT_EXISTS' });
  assert.equal(readFileSync(join(folder, 'out.bin'), 'utf8'), 'mine');
  await writeOutput({ ...request, overwrite: true }, new JobContext());
  assert.equal(statSync(join(folder, 'out.bin')).size, expected.length);
  assert.deepEqual(readdirSync(folder).toSorted(), ['in.bin', 'out.bin']);
});

test('refuses the model itself as output, also through links', async (t) => {
  const { request, folder } = setUp(t, { files: [{ name: 'in.bin', pieces, checksums: [] }] });
  symlinkSync(join(folder, 'in.bin'), join(folder, 'soft.bin'));
  linkSync(join(folder, 'in.bin'), join(folder, 'hard.bin'));
  for (const name of ['in.bin', 'soft.bin', 'hard.bin']) {
    const plan = { files: [{ name, pieces, checksums: [] }] };
    await assert.rejects(writeOutput({ ...request, plan, overwrite: true }, new JobContext()), {
      code: 'OUTPUT_IS_INPUT',
    });
  }
  assert.ok(readFileSync(join(folder, 'in.bin')).equals(original));
});

test('shows no file at all when a later one of a plan may not appear', async (t) => {
  const { request, folder } = setUp(t, {
    files: [
      { name: 'out.bin', pieces, checksums: [] },
      { name: 'out.data', pieces, checksums: [] },
    ],
  });
  writeFileSync(join(folder, 'out.data'), 'mine');
  await assert.rejects(writeOutput(request, new JobContext()), { code: 'OUTPUT_EXISTS' });
  assert.deepEqual(readdirSync(folder).toSorted(), ['in.bin', 'out.data']);
});

test('leaves nothing behind when the checks are not accepted', async (t) => {
  const { request, folder } = setUp(t, { files: [{ name: 'out.bin', pieces, checksums: [] }] });
  const verify = (): void => {
    throw new Error('not good enough');
  };
  await assert.rejects(writeOutput({ ...request, verify }, new JobContext()), /not good enough/);
  assert.deepEqual(readdirSync(folder), ['in.bin']);
});

test('stops when it is cancelled and leaves nothing behind', async (t) => {
  for (const isHelped of [false, true]) {
    const { request, folder } = setUp(t, {
      files: [
        {
          name: 'out.bin',
          pieces: Array.from({ length: 300 }, () => pieces).flat(),
          checksums: [],
        },
      ],
    });
    const helper = isHelped ? startHelper(t) : null;
    const flag = { isCancellationRequested: false };
    const context = new JobContext(flag, ({ done }) => {
      if (done > 0) flag.isCancellationRequested = true;
    });
    await assert.rejects(writeOutput({ ...request, helper }, context), CancellationError);
    assert.deepEqual(readdirSync(folder), ['in.bin']);
  }
});

test('names a folder that does not exist, and one where a file should be', async (t) => {
  const { request, folder } = setUp(t, { files: [{ name: 'out.bin', pieces, checksums: [] }] });
  await assert.rejects(
    writeOutput({ ...request, folder: join(folder, 'nowhere') }, new JobContext()),
    { code: 'OUTPUT_FOLDER_MISSING' },
  );
  const plan = { files: [{ name: '.', pieces, checksums: [] }] };
  await assert.rejects(writeOutput({ ...request, plan }, new JobContext()), {
    code: 'OUTPUT_IS_FOLDER',
  });
  assert.ok(!existsSync(join(folder, 'out.bin')));
});

test('refuses a source that changed since it was read', async (t) => {
  const { request, folder } = setUp(t, { files: [{ name: 'out.bin', pieces, checksums: [] }] });
  request.sources[0]?.close();
  writeFileSync(join(folder, 'in.bin'), 'another file');
  await assert.rejects(writeOutput(request, new JobContext()), /changed while it was in use/);
  assert.deepEqual(readdirSync(folder), ['in.bin']);
});

test('a helper that finds a source changed says so, as the writer itself does', async (t) => {
  const { request, folder } = setUp(t, { files: [{ name: 'out.bin', pieces, checksums: [] }] });
  const [source] = request.sources;
  const { path, identity } = source!;
  writeFileSync(join(folder, 'in.bin'), 'another file');
  writeFileSync(join(folder, 'growing'), '');
  const job: WriterJob = {
    targets: {
      sources: [{ path, identity }],
      outputs: [{ path: join(folder, 'growing'), checksums: [] }],
    },
    units: cutIntoUnits(request.plan),
    control: new WriteControl().memory,
  };
  await assert.rejects(startHelper(t).run(job), (error) => {
    assert.ok(error instanceof ModelFormatError);
    return error.message.includes('changed while it was in use');
  });
});

function startHelper(t: TestContext): WriterThread {
  const helper = new WriterThread(bundledScript('writerWorker'));
  t.after(() => helper.dispose());
  return helper;
}

function setUp(t: TestContext, plan: OutputPlan): { request: OutputRequest; folder: string } {
  const folder = temporaryFolder(t);
  const path = join(folder, 'in.bin');
  writeFileSync(path, original);
  const source = new FileSource(path);
  t.after(() => {
    source.close();
  });
  const verify = (): void => undefined;
  const request = { plan, sources: [source], folder, overwrite: false, helper: null, verify };
  return { request, folder };
}
