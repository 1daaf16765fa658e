import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { projectPath } from '../../support/root';
import { runCli, runCliJson } from '../../support/runCli';
import { temporaryFolder } from '../../support/temporaryFolder';

const sample = projectPath('samples/scenenet.onnx');

test('inspect --json prints the object of the contract and nothing else', async () => {
  const { json, exitCode, stderr } = await runCliJson(['inspect', sample]);
  assert.equal(exitCode, 0);
  assert.equal(stderr, '');
  assert.deepEqual(Object.keys(json), [
    'schema',
    'model',
    'policy',
    'counts',
    'statistics',
    'pairs',
    'unpaired',
    'problems',
  ]);
  assert.deepEqual(json['counts'], { pairs: 21, fusable: 19, skipped: 1, blocked: 1, unpaired: 0 });
  const { path, format, sizeBytes, bytesRead, opsets } = json['model'] as Record<string, unknown>;
  assert.deepEqual(
    [path, format, sizeBytes, opsets],
    [sample, 'onnx', statSync(sample).size, { '': 17 }],
  );
  assert.ok(Number(bytesRead) < statSync(sample).size);
  const [pair] = json['pairs'] as Record<string, unknown>[];
  assert.deepEqual(pair, {
    id: '/stem/stem.0/Conv',
    conv: {
      name: '/stem/stem.0/Conv',
      type: 'Conv',
      weight: 'stem.0.weight',
      shape: [16, 3, 3, 3],
      layout: 'OI*',
      outAxis: 0,
      groups: 1,
      hasBias: false,
    },
    bn: {
      name: '/stem/stem.1/BatchNormalization',
      type: 'BatchNormalization',
      channels: 16,
      eps: Math.fround(1e-5),
      epsSource: 'attribute',
    },
    evidence: 'graph',
    verdict: 'fusable',
    statistics: null,
    reasons: [],
  });
});

test('inspect for people shows a line per pair, without colour codes outside a terminal', async () => {
  const { stdout, exitCode } = await runCli(['inspect', sample]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /21 pairs: 19 fusable, 1 skipped, 1 blocked \(policy bevfusion\)/);
  assert.match(stdout, /✓ {2}\/stem\/stem\.0\/Conv +Conv 3→16 3×3 /);
  assert.match(stdout, /✗ {2}\/mix\/mix\.0\/Conv .*\n +\/mix\/mix\.1\/Relu stands between/);
  assert.doesNotMatch(stdout, /\u001b/);
});

test('colour is for terminals, unless NO_COLOR or FORCE_COLOR says otherwise', async () => {
  const forced = await runCli(['inspect', sample], { env: { FORCE_COLOR: '1' } });
  assert.match(forced.stdout, /\u001b\[32m✓/);
  const refused = await runCli(['inspect', sample], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
  assert.doesNotMatch(refused.stdout, /\u001b/);
});

test('fuse writes beside the model and says what it did', async (t) => {
  const { folder, model } = copySample(t);
  const { json, exitCode } = await runCliJson(['fuse', model, '--skip', '/fuse/fuse.0/Conv']);
  assert.equal(exitCode, 0);
  const output = join(folder, 'net.fused.onnx');
  assert.deepEqual(
    [json['input'], json['output'], json['files'], json['mode'], json['note']],
    [model, output, [output], 'fold', null],
  );
  assert.equal((json['folded'] as string[]).length, 18);
  const left = json['left'] as { id: string; verdict: string }[];
  assert.deepEqual(
    left.map(({ id, verdict }) => [id, verdict]),
    [
      ['/upsample/upsample.0/ConvTranspose', 'skipped'],
      ['/fuse/fuse.0/Conv', 'skipped'],
      ['/mix/mix.0/Conv', 'blocked'],
    ],
  );
  const { worst } = json['verification'] as { worst: { sqnrDb: number; maxAbs: number } };
  assert.ok(worst.sqnrDb > 130 && worst.maxAbs < 1e-5);
  const again = await runCliJson(['inspect', output]);
  assert.deepEqual(again.json['counts'], {
    pairs: 3,
    fusable: 1,
    skipped: 1,
    blocked: 1,
    unpaired: 0,
  });
});

test('fuse keeps an existing output unless --overwrite is given', async (t) => {
  const { folder, model } = copySample(t);
  const output = join(folder, 'mine.onnx');
  writeFileSync(output, 'mine');
  const refused = await runCliJson(['fuse', model, '-o', output]);
  assert.equal(refused.exitCode, 1);
  assert.equal((refused.json['error'] as { code: string }).code, 'OUTPUT_EXISTS');
  assert.equal(readFileSync(output, 'utf8'), 'mine');
  const done = await runCli(['fuse', model, '-o', output, '--overwrite']);
  assert.equal(done.exitCode, 0);
  assert.ok(statSync(output).size > 100_000);
});

test('nothing to fold is no error: no file, and a sentence that says why', async (t) => {
  const { folder, model } = copySample(t);
  const allSkipped = await runCliJson(['fuse', model, '--only', '/mix/mix.0/Conv']);
  assert.equal(allSkipped.exitCode, 0);
  assert.deepEqual([allSkipped.json['output'], allSkipped.json['files']], [null, []]);
  assert.match(String(allSkipped.json['note']), /20 pairs are skipped and 1 is blocked/);

  const output = join(folder, 'once.onnx');
  await runCli(['fuse', model, '-o', output, '--policy', 'all']);
  const twice = await runCli(['fuse', output]);
  assert.equal(twice.exitCode, 0);
  assert.match(twice.stdout, /The only pair is blocked.*No file was written/);
  assert.deepEqual(readdirSync(folder).toSorted(), ['net.onnx', 'once.onnx']);
});

test('fuse takes several models; one that fails keeps none of the others', async (t) => {
  const { folder, model } = copySample(t);
  const broken = join(folder, 'broken.onnx');
  writeFileSync(broken, 'no model');
  const { json, exitCode } = await runCliJson(['fuse', broken, model]);
  assert.equal(exitCode, 1);
  const [first, second] = json['results'] as Record<string, unknown>[];
  assert.deepEqual(Object.keys(first ?? {}), ['input', 'error']);
  assert.equal(second?.['output'], join(folder, 'net.fused.onnx'));
  assert.ok(existsSync(join(folder, 'net.fused.onnx')));
});

test('a checkpoint gets a loader on request, in fold mode only', async (t) => {
  const folder = temporaryFolder(t);
  const model = join(folder, 'scene-net.pth');
  copyFileSync(projectPath('samples/scenenet.pth'), model);
  const output = join(folder, 'scene-net.fused.pth');
  const folded = await runCliJson(['fuse', model, '--loader']);
  assert.deepEqual(folded.json['files'], [output, join(folder, 'scene_net_fused.py')]);
  const droppedIn = await runCliJson([
    'fuse',
    model,
    '--loader',
    '--mode',
    'drop-in',
    '--overwrite',
  ]);
  assert.deepEqual(droppedIn.json['files'], [output]);
  assert.match(String(droppedIn.json['note']), /drop-in checkpoint loads as the original does/);
  assert.equal(droppedIn.json['mode'], 'drop-in');
});

test('a file that loads by itself gets no loader, and a sentence says why', async (t) => {
  const sentences = {
    'module.pth': /a network saved whole brings its changes/,
    'scripted.pt': /a program brings its own code/,
    'exported.pt2': /a program brings its own code/,
  };
  for (const [name, sentence] of Object.entries(sentences)) {
    const output = join(temporaryFolder(t), name);
    const model = projectPath('test/fixtures/torch', name);
    const { json } = await runCliJson(['fuse', model, '-o', output, '--loader']);
    assert.deepEqual(json['files'], [output]);
    assert.match(String(json['note']), sentence);
    const { stdout } = await runCli(['fuse', model, '-o', output, '--loader', '--overwrite']);
    assert.match(stdout, sentence);
  }
});

test('structure prints a listing, of the model as it is and as it would be', async () => {
  const before = await runCli(['structure', sample]);
  const after = await runCli(['structure', sample, '--fused']);
  assert.equal(before.exitCode, 0);
  assert.equal(before.stdout.split('BatchNormalization ').length - 1, 21);
  assert.equal(after.stdout.split('BatchNormalization ').length - 1, 2);
});

test('wrong usage ends with 2 and says what is wrong', async () => {
  const cases: [string[], RegExp][] = [
    [[], /Usage: fusebn/],
    [['inspect'], /missing required argument/],
    [['melt', sample], /unknown command/],
    [['inspect', sample, '--policy', 'some'], /Allowed choices are bevfusion, all/],
    [['inspect', sample, '--eps', 'tiny'], /eps must be a number/],
    [['fuse', sample, sample, '-o', 'x.onnx'], /--output takes one model/],
    [['fuse', sample, '--loader'], /--loader is Python for a PyTorch checkpoint/],
    [['fuse', sample, '--only', 'nothing/like/this'], /There is no pair nothing\/like\/this/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, stdout, stderr } = await runCli(args);
    assert.equal(exitCode, 2, args.join(' '));
    assert.match(stderr, message);
    assert.equal(stdout, '');
  }
  const { json, exitCode } = await runCliJson(['inspect', sample, '--layout', 'x']);
  assert.equal(exitCode, 2);
  assert.equal((json['error'] as { code: string }).code, 'USAGE');
});

test('a file that cannot be processed ends with 1 and one sentence', async (t) => {
  const missing = join(temporaryFolder(t), 'missing.onnx');
  const forMachines = await runCliJson(['inspect', missing]);
  assert.equal(forMachines.exitCode, 1);
  assert.deepEqual(forMachines.json, {
    error: { code: 'MODEL_FORMAT', message: 'missing.onnx does not exist' },
  });
  const forPeople = await runCli(['inspect', missing]);
  assert.equal(forPeople.exitCode, 1);
  assert.equal(forPeople.stderr, 'fusebn: missing.onnx does not exist\n');
});

test('a model whose data file is missing is not fused, and the sentence says which file', async (t) => {
  const model = join(temporaryFolder(t), 'model.onnx');
  copyFileSync(projectPath('test/fixtures/cases/onnx/ext_plain/model.onnx'), model);
  const { exitCode, stderr } = await runCli(['fuse', model, '--policy', 'all']);
  assert.equal(exitCode, 1);
  assert.equal(stderr, 'fusebn: model.onnx needs the file ext_plain.bin, which is not beside it\n');
});

test('eps is taken for all BatchNorms and for those whose name begins so, the longest first', async () => {
  const args = [
    'inspect',
    sample,
    '--eps',
    '0.01',
    '--eps',
    '/stage1/=0.1',
    '--eps',
    '/stage1/stage1.1=1',
  ];
  const { json } = await runCliJson(args);
  const pairs = json['pairs'] as { id: string; bn: { eps: number; epsSource: string } }[];
  const epsOf = (start: string): unknown => pairs.find(({ id }) => id.startsWith(start))?.bn.eps;
  assert.equal(epsOf('/stem/'), 0.01);
  assert.equal(epsOf('/stage1/stage1.0/'), 0.1);
  assert.equal(epsOf('/stage1/stage1.1/'), 1);
});

function copySample(t: TestContext): { folder: string; model: string } {
  const folder = temporaryFolder(t);
  const model = join(folder, 'net.onnx');
  copyFileSync(sample, model);
  return { folder, model };
}
