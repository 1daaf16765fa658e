import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { encodeFloats } from '../../../../src/core/bytes/floats';
import { EngineJobs } from '../../../../src/engine/jobs/engineJobs';
import { JobContext } from '../../../../src/engine/jobs/jobContext';
import type { FuseParams, JobProgress } from '../../../../src/protocol/engine';
import {
  convAndBn,
  external,
  initializer,
  input,
  model,
  node,
  output,
  sub,
  tensorProto,
  text,
} from '../../../support/onnxBytes';
import { randomFloats, relativeError, runModel } from '../../../support/onnxRuntime';
import { projectPath } from '../../../support/root';
import { temporaryFolder } from '../../../support/temporaryFolder';

const jobs = new EngineJobs('no helper is needed for small files');

for (const policy of ['bevfusion', 'all'] as const) {
  test(`the sample computes the same before and after, under policy ${policy}`, async (t) => {
    const path = join(temporaryFolder(t), 'net.onnx');
    copyFileSync(projectPath('samples/scenenet.onnx'), path);
    const report = await jobs.fuse({ ...paramsFor(path), policy }, new JobContext());
    assert.equal(report.folded.length, policy === 'all' ? 20 : 19);
    const feeds = { image: randomFloats(7, 2, 3, 64, 64) };
    const [before, after] = [await runModel(path, feeds), await runModel(report.output!, feeds)];
    assert.deepEqual([...after.keys()], [...before.keys()]);
    for (const [name, values] of before) {
      assert.ok(relativeError(values, after.get(name)!) <= 1e-5, name);
    }
  });
}

test('reports how far it is, stage by stage', async (t) => {
  const path = join(temporaryFolder(t), 'net.onnx');
  copyFileSync(projectPath('samples/scenenet.onnx'), path);
  const heard: JobProgress[] = [];
  const context = new JobContext(undefined, (progress) => heard.push(progress));
  await jobs.fuse(paramsFor(path), context);
  const stages = heard
    .map(({ stage }) => stage)
    .filter((stage, idx, all) => stage !== all[idx - 1]);
  assert.deepEqual(stages, ['read', 'pair', 'fold', 'write']);
});

test('a folded weight that exceeds float16 leaves its pair alone, and the others fold', async (t) => {
  const path = writeModel(t, halfModel(['small', 0.5], ['large', 60_000]));
  const report = await jobs.fuse(paramsFor(path), new JobContext());
  assert.deepEqual(report.folded, ['small.conv']);
  const [left] = report.left;
  assert.deepEqual(
    [left?.id, left?.verdict, left?.reasons.at(-1)?.code],
    ['large.conv', 'blocked', 'FP16_OVERFLOW'],
  );
  assert.ok(existsSync(report.output!));
});

test('when every fold would exceed float16, nothing is written', async (t) => {
  const path = writeModel(t, halfModel(['large', 60_000]));
  const report = await jobs.fuse(paramsFor(path), new JobContext());
  assert.deepEqual([report.output, report.files, report.folded], [null, [], []]);
  assert.equal(report.note, 'The only pair is blocked, so there is nothing to fold.');
  assert.deepEqual(readdirSync(join(path, '..')), ['net.onnx']);
});

test('a file without BatchNorms says so, or says who folded it', async (t) => {
  const plain = writeModel(t, convolutionOnly('weight'));
  const { note } = await jobs.fuse(paramsFor(plain), new JobContext());
  assert.equal(note, 'There is no BatchNorm in this file.');
  const folded = writeModel(t, convolutionOnly('onnx::Conv_123'));
  const other = await jobs.fuse(paramsFor(folded), new JobContext());
  assert.match(other.note ?? '', /already folded by PyTorch’s exporter .*onnx::Conv_123/);
});

test('a file that changed since the last job is read anew', async (t) => {
  const path = writeModel(t, twoPairs());
  const first = await jobs.inspect(paramsFor(path), new JobContext());
  assert.equal(first.counts.pairs, 2);
  writeFileSync(path, convolutionOnly('weight'));
  const second = await jobs.inspect(paramsFor(path), new JobContext());
  assert.equal(second.counts.pairs, 0);
});

test('external data is written beside the output, and both appear together', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'net.onnx');
  const { nodes, parameters } = convAndBn('a', 'x', 'y', { weight: 'w' });
  writeFileSync(
    join(folder, 'net.data'),
    new Uint8Array(Float32Array.of(9, 0.75, -1.25, 9).buffer),
  );
  const weight = sub(
    5,
    tensorProto('w', [2, 1, 1, 1], 'f32', external({ location: 'net.data', offset: 4, length: 8 })),
  );
  writeFileSync(
    path,
    model([...nodes, ...parameters, weight, input('x', [1, 1, 2, 2]), output('y')]),
  );
  const report = await jobs.fuse(
    { ...paramsFor(path), output: join(folder, 'out.onnx') },
    new JobContext(),
  );
  assert.equal(report.files.length, 2);
  assert.deepEqual(
    readdirSync(folder).toSorted(),
    [
      'net.data',
      'net.onnx',
      ...report.files.map((file) => file.slice(folder.length + 1)),
    ].toSorted(),
  );
  const feeds = { x: randomFloats(3, 1, 1, 2, 2) };
  const [before, after] = [await runModel(path, feeds), await runModel(report.output!, feeds)];
  assert.ok(relativeError(before.get('y')!, after.get('y')!) <= 1e-6);
  assert.deepEqual(readFileSync(join(folder, 'net.data')).length, 16);
});

function paramsFor(path: string): FuseParams {
  return {
    path,
    policy: 'bevfusion',
    eps: [],
    layout: 'auto',
    structure: null,
    statistics: true,
    output: null,
    mode: 'fold',
    only: null,
    skip: [],
    loader: false,
    overwrite: false,
  };
}

function writeModel(t: TestContext, bytes: Uint8Array): string {
  const path = join(temporaryFolder(t), 'net.onnx');
  writeFileSync(path, bytes);
  return path;
}

function twoPairs(): Uint8Array {
  const [a, b] = [convAndBn('a', 'x', 'y'), convAndBn('b', 'x', 'z')];
  return model([
    ...a.nodes,
    ...b.nodes,
    ...a.parameters,
    ...b.parameters,
    input('x', [1, 1, 2, 2]),
    output('y'),
    output('z'),
  ]);
}

function convolutionOnly(weight: string): Uint8Array {
  return model([
    node('Conv', ['x', weight], ['y'], { name: 'conv' }),
    initializer(weight, [2, 1, 1, 1], [0.5, 1]),
    input('x', [1, 1, 2, 2]),
    output('y'),
  ]);
}

/** Convolutions of one channel in float16, each with the given weight and a BatchNorm that doubles it. */
function halfModel(
  ...convolutions: readonly (readonly [name: string, weight: number])[]
): Uint8Array {
  const half = (name: string, dims: readonly number[], value: number): Uint8Array => {
    const bytes = encodeFloats(Float64Array.of(value), 'f16');
    return sub(5, tensorProto(name, dims, 'f16', sub(9, bytes)));
  };
  return model(
    convolutions.flatMap(([name, weight]) => [
      node('Conv', ['x', `${name}.w`], [`${name}.c`], { name: `${name}.conv` }),
      node(
        'BatchNormalization',
        [`${name}.c`, ...['gamma', 'beta', 'mean', 'var'].map((leaf) => `${name}.${leaf}`)],
        [`${name}.y`],
        { name: `${name}.bn` },
      ),
      half(`${name}.w`, [1, 1, 1, 1], weight),
      half(`${name}.gamma`, [1], 2),
      half(`${name}.beta`, [1], 0),
      half(`${name}.mean`, [1], 0),
      half(`${name}.var`, [1], 1),
      output(`${name}.y`),
    ]),
    { more: [text(3, '1')] },
  );
}
