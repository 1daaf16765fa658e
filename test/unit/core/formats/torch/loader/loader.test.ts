import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { foldPair } from '../../../../../../src/core/folding/foldPair';
import { loaderFile } from '../../../../../../src/core/formats/torch/loader/loaderFile';
import { loaderName } from '../../../../../../src/core/formats/torch/loader/loaderName';
import { printLoader } from '../../../../../../src/core/formats/torch/loader/printLoader';
import { projectPath } from '../../../../../support/root';
import { expected, openBytes, renamed, torchFixture } from '../../../../../support/torchFixtures';
import { torchPair, type KnownPair } from '../../../../../support/torchPair';

function loaderOf(fixture: string, pairs: readonly KnownPair[], input = fixture): string | null {
  const model = openBytes(torchFixture(fixture));
  const folds = pairs.map((pair) => foldPair(model, torchPair(model, pair)));
  const file = loaderFile(model, folds, input);
  const [piece] = file?.pieces ?? [];
  return piece?.kind === 'bytes' ? Buffer.from(piece.bytes).toString() : null;
}

const sparsePairs: KnownPair[] = [
  { conv: 'conv_input.0', bn: 'conv_input.1', eps: 1e-3, layout: 'O*I' },
  { conv: 'block.conv1', bn: 'block.bn1', eps: 1e-3, layout: 'O*I' },
  { conv: 'block.conv2', bn: 'block.bn2', eps: 1e-3, layout: 'O*I' },
  { conv: 'dense.1', bn: 'dense.2', eps: 1e-5 },
];

suite('the loader', () => {
  // Refresh with FUSEBN_GOLDEN=1 and read the difference; test/oracle/loaders.py runs what stands there.
  test('of a sparse network reads like the golden one', async () => {
    const path = projectPath('test/fixtures/torch/sparse_spconv2_fused.py');
    const text = loaderOf('sparse-spconv2.pth', sparsePairs)!;
    if (process.env['FUSEBN_GOLDEN']) (await import('node:fs')).writeFileSync(path, text);
    assert.equal(text, readFileSync(path, 'utf8'));
  });

  test('of a dense network has no sparse part', () => {
    const text = loaderOf('zip.pth', expected.pairs)!;
    assert.ok(!/sparse|import re/i.test(text));
    assert.match(text, /PREFIX = ""/);
    assert.match(text, /\("layer\.0", "layer\.1", 6, 0\.001\),/);
    assert.match(text, /4 BatchNorms of zip\.pth were folded/);
  });

  test('calls layers by the network’s own names, and keeps what a wrapper put in front as the prefix', () => {
    const text = loaderOf('data-parallel.pth', renamed(expected.pairs, 'module.'))!;
    assert.match(text, /\("conv1", "bn1", 4, /);
    assert.match(text, /PREFIX = "module\."/);
  });

  test('counts a pair of two state_dicts once', () => {
    const text = loaderOf('two-dicts.pth', [
      ...expected.pairs,
      ...renamed(expected.pairs, 'ema.'),
    ])!;
    assert.equal(text.match(/^ {4}\("/gm)?.length, 4);
    assert.ok(!text.includes('ema'));
  });

  test('is not needed for a network saved whole, and not for nothing', () => {
    assert.equal(loaderOf('module.pth', expected.pairs), null);
    assert.equal(loaderOf('zip.pth', []), null);
  });

  test('covers the state_dict that lies beside a network saved whole', () => {
    const pairs = expected.pairs.slice(0, 2);
    const text = loaderOf('module-and-state.pth', [...pairs, ...renamed(pairs, 'model.')])!;
    assert.equal(text.match(/^ {4}\("/gm)?.length, 2);
    assert.match(text, /\("conv1", "bn1", 4, 0.00001\)/);
  });

  test('lets no name from the file become code', () => {
    const hostile = 'a"), *[print("x")], ("\n\'\\';
    const text = printLoader(
      {
        folded: [{ conv: hostile, bn: '"""', channels: 4, eps: 1e-5 }],
        prefix: '',
        hasSparse: false,
      },
      'dir/evil"""\nimport os.pth',
    );
    assert.ok(text.includes(`(${JSON.stringify(hostile)}, "\\"\\"\\"", 4, 0.00001),`));
    assert.equal(text.match(/"""/g)!.length % 2, 0);
    assert.ok(!/^import os/m.test(text));
  });
});

suite('the loader’s name', () => {
  const names: [string, string][] = [
    ['resnet50.pth', 'resnet50_fused.py'],
    ['/models/bevfusion-det.pth', 'bevfusion_det_fused.py'],
    ['C:\\models\\a b.pt', 'a_b_fused.py'],
    ['3d.v1.ckpt', '_3d_v1_fused.py'],
    ['model.safetensors.index.json', 'model_fused.py'],
    ['.pth', '_pth_fused.py'],
    ['netz-größe.bin', 'netz_gr__e_fused.py'],
  ];
  for (const [input, name] of names) {
    test(`of ${input} is ${name}`, () => {
      assert.equal(loaderName(input), name);
    });
  }
});
