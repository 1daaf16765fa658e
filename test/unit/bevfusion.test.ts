import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { MemorySource } from '../../src/core/bytes/byteSource';
import { openTorch } from '../../src/core/formats/torch/openTorch';
import type { OpenedModel } from '../../src/core/model/openedModel';
import type { FuseReport, InspectReport } from '../../src/protocol/reports';
import { assertFolded, readGoldens, unpacked, type FoldGolden } from '../support/foldGoldens';
import { runCliJson } from '../support/runCli';
import { temporaryFolder } from '../support/temporaryFolder';

/** Pairs of test/fixtures/bevfusion/make.py know the axis of their weight's output channels. */
interface Expected extends FoldGolden {
  readonly pairs: readonly (FoldGolden['pairs'][number] & { readonly outAxis: number })[];
}

const expectedByFile = readGoldens<Expected>('bevfusion');

/** Pairs under the policy of the recipe, and their eps, by part. */
const parts: Readonly<Record<string, readonly [count: number, eps: number]>> = {
  'encoders.camera.backbone': [53, 1e-5],
  'encoders.camera.neck': [4, 1e-5],
  'encoders.camera.vtransform': [8, 1e-5],
  'encoders.lidar.backbone': [21, 1e-3],
  fuser: [1, 1e-5],
  'decoder.backbone': [12, 1e-3],
  'decoder.neck': [1, 1e-3],
  'heads.object': [1, 1e-5],
};
const leftByRecipe = [
  'decoder.neck.deblocks.1.0',
  ...['cross', 'self'].map(
    (kind) => `heads.object.decoder.0.${kind}_posembed.position_embedding_head.0`,
  ),
  ...['center', 'dim', 'heatmap', 'height', 'rot', 'vel'].map(
    (head) => `heads.object.prediction_heads.0.${head}.0.conv`,
  ),
];

for (const layout of ['spconv1', 'spconv2']) {
  suite(`a checkpoint in the shape of BEVFusion, sparse weights of ${layout}`, () => {
    const name = `bevfusion-${layout}.pth`;
    const expected = expectedOf(name);

    test('has the pairs of the recipe, by part and with their eps', async (t) => {
      const { pairs, unpaired } = await inspect(unpack(t, name), 'bevfusion');
      const fusable = pairs.filter(({ verdict }) => verdict === 'fusable');
      for (const [part, [count, eps]] of Object.entries(parts)) {
        const found = fusable.filter(({ id }) => id.startsWith(`${part}.`));
        assert.deepEqual(
          [found.length, new Set(found.map(({ bn }) => bn.eps))],
          [count, new Set([eps])],
          part,
        );
      }
      assert.equal(fusable.length, 101);
      const left = pairs.filter(({ verdict }) => verdict === 'skipped').map(({ id }) => id);
      assert.deepEqual(left.toSorted(), leftByRecipe.toSorted());
      assert.deepEqual(unpaired, []);
    });

    test('has all pairs of the network’s code under the policy all', async (t) => {
      const { pairs } = await inspect(unpack(t, name), 'all');
      const found = pairs.map(({ id, bn, verdict, conv: { outAxis } }) => ({
        conv: id,
        bn: bn.name,
        eps: bn.eps,
        outAxis,
        verdict,
      }));
      const wanted = expected.pairs.map((pair) => ({ ...pair, verdict: 'fusable' }));
      assert.deepEqual(found.toSorted(byConv), wanted.toSorted(byConv));
    });

    test('folds to PyTorch’s float64 results, bit for bit, and leaves the rest alone', async (t) => {
      const path = unpack(t, name);
      const { fused } = await fuse(path);
      assertFolded(open(path), fused, expected);
    });
  });
}

suite('a network with quantizers', () => {
  for (const name of ['quantized-spconv1.pth', 'quantized-module.pth']) {
    const expected = expectedOf(name);

    test(`${name}: the amax of a weight follows its channels, one for all of them is stale`, async (t) => {
      const path = unpack(t, name);
      const { pairs } = await inspect(path, 'all');
      for (const { id, reasons } of pairs) {
        const codes = reasons.map(({ code }) => code);
        const isPerTensor = id === 'decoder.neck.deblocks.0.0';
        assert.ok(codes.includes(isPerTensor ? 'AMAX_STALE' : 'AMAX_RESCALED'), id);
      }
      const { fused, report } = await fuse(path);
      assert.equal(report.folded.length, expected.pairs.length);
      assertFolded(open(path), fused, expected);
    });
  }

  test('keeps the classes of its layers, and numbers a SparseSequential anew', async (t) => {
    const { fused } = await fuse(unpack(t, 'quantized-module.pth'));
    assert.ok(fused.network.kind === 'modules');
    const classes = new Map(fused.network.modules.map(({ path, className }) => [path, className]));
    const lidar = 'encoders.lidar.backbone';
    assert.equal(classes.get(`${lidar}.conv_input.0`), 'SparseConvolutionQunat');
    assert.equal(classes.get(`${lidar}.conv_input.0._weight_quantizer`), 'TensorQuantizer');
    assert.equal(classes.get(`${lidar}.conv_input.1`), 'ReLU');
    assert.equal(classes.get(`${lidar}.encoder_layers.0.quant_add`), 'QuantAdd');
    assert.equal(classes.get('encoders.camera.backbone.bn1'), 'Identity');
    assert.equal(classes.get('encoders.camera.backbone.conv1'), 'QuantConv2d');
    assert.equal(
      classes.get('encoders.camera.backbone.layer1.0.residual_quantizer'),
      'TensorQuantizer',
    );
  });
});

function expectedOf(name: string): Expected {
  const expected = expectedByFile[name];
  assert.ok(expected !== undefined);
  return expected;
}

/** Path of the fixture, uncompressed. */
function unpack(t: TestContext, name: string): string {
  const path = join(temporaryFolder(t), name);
  writeFileSync(path, unpacked('bevfusion', name));
  return path;
}

async function inspect(path: string, policy: string): Promise<InspectReport> {
  const { json } = await runCliJson(['inspect', path, '--policy', policy]);
  return json as unknown as InspectReport;
}

async function fuse(path: string): Promise<{ fused: OpenedModel; report: FuseReport }> {
  const { json } = await runCliJson(['fuse', path, '--policy', 'all', '--no-statistics']);
  const report = json as unknown as FuseReport;
  assert.ok(report.output !== null);
  return { fused: open(report.output), report };
}

function open(path: string): OpenedModel {
  return openTorch(new MemorySource(new Uint8Array(readFileSync(path)), path));
}

function byConv(a: { readonly conv: string }, b: { readonly conv: string }): number {
  return a.conv < b.conv ? -1 : 1;
}
