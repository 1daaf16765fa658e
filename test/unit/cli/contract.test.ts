import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { initializer, input, model, node, output } from '../../support/onnxBytes';
import { projectPath } from '../../support/root';
import { runCli, runCliJson } from '../../support/runCli';
import { temporaryFolder } from '../../support/temporaryFolder';

/** Keys, flags and exit codes that scripts rely on. What is promised may gain keys, and must lose none. */
const sample = projectPath('samples/scenenet.onnx');
const [first, second] = ['/stem/stem.0/Conv', '/stage1/stage1.0/expand/expand.0/Conv'] as const;

function assertKeys(value: unknown, ...keys: readonly string[]): void {
  const missing = keys.filter((key) => !Object.hasOwn(value as object, key));
  assert.deepEqual(missing, []);
}

test('inspect --json has every promised key', async () => {
  const { json } = await runCliJson(['inspect', sample]);
  const keys = ['schema', 'model', 'policy', 'counts', 'pairs', 'unpaired', 'problems'];
  assertKeys(json, ...keys);
  const modelKeys = ['path', 'format', 'sizeBytes', 'bytesRead', 'producer', 'opsets'];
  assertKeys(json['model'], ...modelKeys);
  assertKeys(json['counts'], 'pairs', 'fusable', 'skipped', 'blocked', 'unpaired');
  for (const pair of json['pairs'] as Record<string, unknown>[]) {
    assertKeys(pair, 'id', 'conv', 'bn', 'evidence', 'verdict', 'statistics', 'reasons');
    const conv = ['name', 'type', 'weight', 'shape', 'layout', 'outAxis', 'groups', 'hasBias'];
    assertKeys(pair['conv'], ...conv);
    assertKeys(pair['bn'], 'name', 'type', 'channels', 'eps', 'epsSource');
    for (const reason of pair['reasons'] as object[]) assertKeys(reason, 'code', 'message');
  }
});

test('fuse --json and drift --json have every promised key', async (t) => {
  const { model: path } = copySample(t);
  const { json: fused } = await runCliJson(['fuse', path]);
  const fuseKeys = ['schema', 'input', 'output', 'files', 'mode', 'folded', 'left', 'elapsedMs'];
  assertKeys(fused, ...fuseKeys, 'verification');
  const { worst } = fused['verification'] as { worst: object };
  assertKeys(worst, 'id', 'sqnrDb', 'maxAbs');
  for (const left of fused['left'] as object[]) assertKeys(left, 'id', 'verdict', 'reasons');

  const { json: drift } = await runCliJson(['drift', path, '--isolated-only']);
  const driftKeys = ['schema', 'reference', 'candidate', 'runtime', 'seed', 'samples', 'layers'];
  assertKeys(drift, ...driftKeys, 'outputs');
  for (const layer of drift['layers'] as Record<string, unknown>[]) {
    assertKeys(layer, 'id', 'isolated', 'accumulated', 'label');
    const metrics = ['maxAbs', 'meanAbs', 'rms', 'relL2', 'sqnrDb', 'cosine', 'maxUlp'];
    assertKeys(layer['isolated'], ...metrics);
  }
});

test('--only and --skip take ids with commas between and repeated; --skip wins', async (t) => {
  const { model: path } = copySample(t);
  const foldedBy = async (...args: readonly string[]): Promise<unknown> =>
    (await runCliJson(['fuse', path, '--overwrite', ...args])).json['folded'];
  assert.deepEqual(await foldedBy('--only', `${first},${second}`), [first, second]);
  assert.deepEqual(await foldedBy('--only', second, '--only', first), [first, second]);
  assert.deepEqual(await foldedBy('--only', `${first},${second}`, '--skip', first), [second]);
});

test('an id that no pair has is wrong usage, wherever it stands, and nothing is written', async (t) => {
  const { folder, model: path } = copySample(t);
  const wrong = [
    ['--only', 'nothing'],
    ['--only', `${first},nothing`],
    ['--skip', 'nothing'],
    ['--only', first, '--skip', 'nothing'],
  ];
  for (const flags of wrong) {
    const { json, exitCode, stderr } = await runCliJson(['fuse', path, ...flags]);
    assert.equal(exitCode, 2);
    assert.equal(stderr, '');
    const { code, message } = json['error'] as { code: string; message: string };
    assert.equal(code, 'UNKNOWN_ID');
    assert.match(message, /There is no pair nothing/);
  }
  assert.deepEqual(readdirSync(folder), ['net.onnx']);
});

test('--only folds what the policy leaves, and never what a graph proves wrong', async (t) => {
  const { model: path } = copySample(t);
  const upsample = '/upsample/upsample.0/ConvTranspose';
  const forced = await runCliJson(['fuse', path, '--only', `${upsample},/mix/mix.0/Conv`]);
  assert.deepEqual(forced.json['folded'], [upsample]);
  const left = forced.json['left'] as { id: string; verdict: string }[];
  assert.equal(left.find(({ id }) => id === '/mix/mix.0/Conv')?.verdict, 'blocked');
});

test('several models with one output name are wrong usage, and nothing is written', async (t) => {
  const { folder, model: path } = copySample(t);
  const args = ['fuse', path, path, '-o', join(folder, 'out.onnx')];
  const { json, exitCode } = await runCliJson(args);
  assert.equal(exitCode, 2);
  assert.equal((json['error'] as { code: string }).code, 'USAGE');
  assert.ok(!existsSync(join(folder, 'out.onnx')));
});

test('drift ends with 3 when a layer is below --fail-under, and with 0 when none is', async () => {
  const args = ['drift', sample, '--isolated-only', '--fail-under'];
  assert.equal((await runCli([...args, '500'])).exitCode, 3);
  assert.equal((await runCli([...args, '60'])).exitCode, 0);
});

test('a file without anything to fold says why: no BatchNorm, folded before, no convolution, all left', async (t) => {
  const folder = temporaryFolder(t);
  const conv = (weight: string): Uint8Array[] => [
    input('x', [1, 1, 2, 2]),
    output('c'),
    initializer(weight, [2, 1, 1, 1], [1, 2]),
    node('Conv', ['x', weight], ['c']),
  ];
  const vectors = ['s', 'b', 'm', 'v'];
  const bn = [
    ...vectors.map((name) => initializer(name, [1], [1])),
    input('x', [1, 1, 2, 2]),
    output('y'),
    node('BatchNormalization', ['x', ...vectors], ['y']),
  ];
  const files: readonly [string, readonly Uint8Array[], RegExp][] = [
    ['plain', conv('w'), /There is no BatchNorm in this file/],
    ['exported', conv('onnx::Conv_123'), /already folded by PyTorch’s exporter .*onnx::Conv_123/],
    ['optimized', conv('ConvBnFusion_W_7'), /already folded by ONNX Runtime .*ConvBnFusion_W_7/],
    ['alone', bn, /No BatchNorm \(of 1\) has a convolution in front of it/],
  ];
  for (const [name, graph, note] of files) {
    const path = join(folder, `${name}.onnx`);
    writeFileSync(path, model(graph));
    const { json, exitCode } = await runCliJson(['fuse', path]);
    assert.equal(exitCode, 0);
    assert.deepEqual([json['output'], json['files'], json['folded']], [null, [], []]);
    assert.match(String(json['note']), note);
    const { stdout } = await runCli(['fuse', path]);
    assert.match(stdout, note);
  }
  assert.equal(readdirSync(folder).length, files.length);
});

test('the original stays as it is, to the byte and to the time of its last change', async (t) => {
  const { model: path } = copySample(t);
  const before = readFileSync(path);
  for (const args of [
    ['inspect', path, '--statistics'],
    ['fuse', path, '--overwrite'],
    ['fuse', path, '--overwrite', '--mode', 'drop-in', '--policy', 'all'],
    ['fuse', path, '--overwrite', '-o', path],
    ['structure', path, '--fused'],
  ]) {
    await runCli(args);
    assert.ok(readFileSync(path).equals(before), args.join(' '));
  }
});

function copySample(t: TestContext): { folder: string; model: string } {
  const folder = temporaryFolder(t);
  const path = join(folder, 'net.onnx');
  copyFileSync(sample, path);
  return { folder, model: path };
}
